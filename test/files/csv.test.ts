import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCsv } from "../../src/domain/files/read-csv.ts";
import { decodeText } from "../../src/lib/decode-text.ts";

interface Table {
  columns: { name: string; type: string }[];
  rows: string[][];
  rowCount: number | null;
  truncated: boolean;
  note?: string;
}
interface Expected {
  name: string;
  path: string;
  data: string;
  columns: string[];
  rows: (string | null)[][];
}

/** What pandas reads in each table: see make-csv.py. */
const expected = readFileSync(new URL("./csv/expected.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Expected);

const limits = { rows: 100, columns: 200 };

function read(bytes: Uint8Array | string, path = "a.csv", isWhole = true): Table {
  const decoded = decodeText(Buffer.from(bytes), isWhole);
  if (!decoded) throw new Error("it is UTF-32");
  return JSON.parse(readCsv(path, { ...decoded, isWhole }, limits)) as Table;
}

describe("the preview of a table in text", () => {
  it.each(expected)("shows $name as pandas reads it", ({ path, data, columns, rows }) => {
    const shown = read(Buffer.from(data, "base64"), path);
    expect(shown.columns.map(({ name }) => name)).toEqual(columns);
    // pandas fills short rows up.
    expect(shown.rows.map((row) => columns.map((_, i) => row[i] ?? null))).toEqual(rows);
    expect(shown.rowCount).toBe(rows.length);
  });

  it("says which encoding it took for one that is not UTF-8", () => {
    expect(read(Buffer.from("a,b\nM\xfcller,1\n", "latin1"))).toMatchObject({
      rows: [["Müller", "1"]],
      note: "The file is not UTF-8, so that it is shown as Windows-1252.",
    });
    const mixed = Buffer.concat([Buffer.from("a,b\nMüller,ä"), Buffer.from([0xff]), Buffer.from("ö\n")]);
    expect(read(mixed)).toMatchObject({ rows: [["Müller", "ä\ufffdö"]], note: expect.stringContaining("1 wrong") });
    expect(read(Buffer.from("a,b\n1,2\n", "utf16le"))).toMatchObject({
      rows: [["1", "2"]],
      note: expect.stringContaining("UTF-16LE"),
    });
    expect(decodeText(Buffer.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0]), true)).toBeNull();
  });

  it("keeps all rows where a quote never ends, and says where", () => {
    expect(read('a,b\n1,2\n3,"4\n5,6\n')).toMatchObject({
      rows: [
        ["1", "2"],
        ["3", '"4'],
        ["5", "6"],
      ],
      note: "A quote in line 3 never ends and is shown as it stands.",
    });
    const many = `a,b\n${'1,"x\n2,y\n'.repeat(51)}`;
    expect(read(many).rowCount).toBeGreaterThan(30);
  });

  it("says which rows have more or fewer cells than the first line, and shows them", () => {
    expect(read("a,b\n1,2,3\n4\n5,6\n")).toEqual({
      columns: [
        { name: "a", type: "integer" },
        { name: "b", type: "integer" },
      ],
      rows: [["1", "2", "3"], ["4"], ["5", "6"]],
      rowCount: 3,
      truncated: false,
      note: "The number of cells in lines 2, 3 differs from the first line's.",
    });
  });

  it("leaves out the record in which the text is cut, also inside quotes", () => {
    expect(read('a,b\n1,2\n3,"4\n5', "a.csv", false)).toMatchObject({
      rows: [["1", "2"]],
      rowCount: null,
      truncated: true,
    });
    // So many lines are hardly one cell.
    const open = `a,b\n1,2\n3,"4\n${"5,6\n".repeat(200)}`;
    expect(read(open, "a.csv", false)).toMatchObject({ note: expect.stringContaining("line 3") });
    expect(read(open, "a.csv", false).rows).toHaveLength(100);
  });

  it("finds the delimiter of a table whose first line is longer than what it looks at first", () => {
    const line = `${Array.from({ length: 9_000 }, (_, i) => `column ${i}`).join(";")}\n`;
    expect(read(line + line).rows[0]).toHaveLength(200);
  });

  it("counts the rows of a whole file", () => {
    expect(read(`a,b\n${"1,2\n".repeat(5_000)}`)).toMatchObject({ rowCount: 5_000, truncated: true });
  });

  it.each([
    ["digits", `a\n${"1".repeat(1e6)}x\n`],
    ["quotes", `a,b\n${'"'.repeat(1e6)}`],
    ["quotes that never end", `a,b\n${'"x""\n'.repeat(2e5)}`],
    ["quotes before delimiters", `a,b\n${'",'.repeat(5e5)}`],
    ["delimiters", ",".repeat(1e6)],
    ["line ends", "\n".repeat(1e6)],
    ["spaces", " ".repeat(1e6)],
    ["lines of spaces", `${" ".repeat(1_000)}x\n`.repeat(1_000)],
  ])("takes little time for a megabyte of %s", (_name, text) => {
    const start = process.cpuUsage();
    read(text);
    read(text, "a.csv", false);
    expect(process.cpuUsage(start).user).toBeLessThan(2e6);
  });
});
