import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { NotShown } from "../../src/lib/parquet/budget.ts";
import type { ReadRange } from "../../src/lib/parquet/leaf.ts";
import { openTable, type ShownTable } from "../../src/lib/parquet/table.ts";
import { startProcess } from "../support/process.ts";
import { seeded } from "../support/seeded.ts";
import { freshProject } from "../support/service.ts";

const folder = fileURLToPath(new URL("./parquet/", import.meta.url));
const flights = fileURLToPath(new URL("../../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url));
/** What pyarrow reads in each file: see make-parquet.py. */
const expected = readFileSync(`${folder}expected.jsonl`, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Pick<ShownTable, "columns" | "rows" | "rowCount"> & { name: string });

async function show(bytes: Uint8Array, read: ReadRange = async (start, end) => bytes.subarray(start, end)) {
  const table = await openTable(read, bytes.length, { rows: 100, columns: 200 });
  return JSON.parse(JSON.stringify(await table.readRows())) as ShownTable;
}

describe("a preview of parquet", () => {
  it.each(expected)("shows $name as pyarrow reads it", async ({ name, columns, rows, rowCount }) => {
    const shown = await show(await readFile(`${folder}${name}.parquet`));
    expect(shown).toEqual({ columns, rows, rowCount, truncated: rowCount > rows.length });
  });

  it("reads of a large file the footer and the first pages", async () => {
    const bytes = await readFile(flights);
    let read = 0;
    const shown = await show(bytes, async (start, end) => {
      read += end - start;
      return bytes.subarray(start, end);
    });
    expect(shown.rows).toHaveLength(100);
    expect(read).toBeLessThan(bytes.length / 2);
  });

  it("shows the other columns when one is broken", async () => {
    const bytes = await readFile(`${folder}codec-gzip-1.parquet`);
    const before = await show(bytes);
    bytes.fill(0xff, 4, 200);
    const shown = await show(bytes);
    expect(shown.columns[0]).toEqual({ name: "int32", type: "int32", note: expect.stringContaining("not shown") });
    expect(shown.columns.slice(1)).toEqual(before.columns.slice(1));
    expect(shown.rows.map(([, ...others]) => others)).toEqual(before.rows.map(([, ...others]) => others));
    expect(shown.truncated).toBe(true);
  });

  it("of damaged files says what can't be read, and never fails otherwise", async () => {
    const random = seeded(15);
    const files = (await readdir(folder)).filter((name) => name.endsWith(".parquet"));
    for (const name of files) {
      const whole = await readFile(folder + name);
      const footer = Math.max(4, whole.length - whole.readUInt32LE(whole.length - 8) - 8);
      for (const [from, to] of [
        [4, footer],
        [footer, whole.length - 8],
      ].flatMap((range) => [range, range, range]) as [number, number][]) {
        const bytes = Buffer.from(whole);
        bytes[from + Math.floor(random() * (to - from))] = Math.floor(random() * 256);
        const shown = await show(bytes).catch((error: unknown) => error);
        // A broken footer fails with any error, which the process takes for one; broken pages never do.
        if (!(shown instanceof Error)) expect(shown).toHaveProperty("rows");
        else expect(from).toBe(footer);
      }
    }
  });

  it.each([
    ["no parquet", "shorter"],
    ["x".repeat(20), "PAR1"],
    [`PAR1${"\0".repeat(100)}PARE`, "encrypted"],
    [`PAR1${"\xff".repeat(100)}PAR1`, "footer"],
  ])("says of %.10s why it can't be read", async (text, why) => {
    await expect(show(Buffer.from(text, "latin1"))).rejects.toSatisfy(
      (error) => error instanceof NotShown && error.message.includes(why),
    );
  });
});

describe("previews of hostile parquet files", () => {
  const input = (project: string, digest: string, path: string) => ({ project, name: "a", files: [{ path, digest }] });
  const mutation =
    "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { files { previewUrl } } } }";

  it("show the columns, leave out pages that unpack to too much, and the service lives on", async () => {
    const service = await startProcess();
    const project = freshProject();
    const previews: string[] = [];
    for (const name of ["hostile-brotli", "hostile-zstd", "scalars"]) {
      const digest = await service.put(project, await readFile(`${folder}${name}.parquet`));
      type Logged = { logVersion: { version: { files: [{ previewUrl: string }] } } };
      const { logVersion } = await service.data<Logged>(mutation, { input: input(project, digest, `${name}.parquet`) });
      previews.push(service.url + logVersion.version.files[0].previewUrl);
    }
    // More at once than may run or wait.
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => fetch(previews[i % 2] ?? "")));
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
    for (const [i, body] of bodies.entries()) {
      if (answers[i]?.status === 503) expect(body).toMatchObject({ code: "UNAVAILABLE" });
      else {
        const { columns, rows } = body as ShownTable;
        expect(columns[0]).toMatchObject({
          name: "c0",
          type: "string",
          note: expect.stringMatching(/a page of \d+ bytes/),
        });
        expect(columns.at(-1)).toEqual({ name: "small", type: "int64" });
        expect(rows[0]?.at(-1)).toBe(7);
      }
    }
    expect((await fetch(previews[2] ?? "")).status).toBe(200);
  });
});
