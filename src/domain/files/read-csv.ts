import { parse } from "csv-parse/sync";
import { invalid } from "../core/errors.ts";

const kinds: [string, RegExp][] = [
  ["integer", /^[+-]?\d+$/],
  ["number", /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i],
  ["boolean", /^(true|false)$/i],
];

/** The narrowest of integer, number, boolean and string that all values shown have; empty ones have any. */
function typeOf(values: string[]): string {
  const given = values.filter((value) => value !== "");
  return (given.length && kinds.find(([, fits]) => given.every((value) => fits.test(value)))?.[0]) || "string";
}

/** What stands most often in the first line. */
function delimiterOf(text: string): string {
  const [line = ""] = text.split("\n", 1);
  const counts = [",", ";", "\t"].map((mark) => ({ mark, count: line.split(mark).length }));
  return counts.sort((a, b) => b.count - a.count)[0]?.mark ?? ",";
}

/**
 * The columns and first rows of a table in text, its first line the names: values as they stand there, with the type that those shown have.
 * `whole` says whether this is all of it; what follows the last line end is left out else.
 */
export function readCsv(text: string, whole: boolean, bounds: { rows: number; columns: number }): string {
  const lines = whole ? text : text.slice(0, text.lastIndexOf("\n") + 1);
  let records: string[][];
  try {
    records = parse(lines, {
      ...{ bom: true, delimiter: delimiterOf(lines), to: bounds.rows + 2 },
      ...{ relaxColumnCount: true, relaxQuotes: true, skipEmptyLines: true, skipRecordsWithError: true },
    });
  } catch {
    throw invalid("path", "this file can't be read as a table");
  }
  const [names = [], ...all] = records;
  const rows = all.slice(0, bounds.rows).map((row) => row.slice(0, bounds.columns));
  const columns = names
    .slice(0, bounds.columns)
    .map((name, i) => ({ name, type: typeOf(rows.map((row) => row[i] ?? "")) }));
  const truncated = !whole || all.length > rows.length || names.length > columns.length;
  return JSON.stringify({ columns, rows, rowCount: truncated ? null : rows.length, truncated });
}
