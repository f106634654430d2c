import { parse } from "csv-parse/sync";
import { invalid } from "../core/errors.ts";

/** Column types from narrow to wide; the widest is string. */
const types: [string, RegExp][] = [
  ["integer", /^[+-]?\d+$/],
  ["number", /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i],
  ["boolean", /^(true|false)$/i],
];

/** The narrowest type that all non-empty values have; string when there is none. */
function inferType(values: string[]): string {
  const nonEmpty = values.filter((value) => value !== "");
  return (
    (nonEmpty.length && types.find(([, pattern]) => nonEmpty.every((value) => pattern.test(value)))?.[0]) || "string"
  );
}

/** The delimiter that occurs most often in the first line. */
function detectDelimiter(text: string): string {
  const [line = ""] = text.split("\n", 1);
  const counts = [",", ";", "\t"].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.sort((a, b) => b.count - a.count)[0]?.delimiter ?? ",";
}

/**
 * The columns and first rows of a CSV or TSV text as JSON. The first line holds the column names; column types are inferred from the rows shown.
 * Unless the text is the whole file, its last, incomplete line is ignored. Throws `INVALID_INPUT` when the text can't be parsed.
 */
export function readCsv(text: string, isWhole: boolean, limits: { rows: number; columns: number }): string {
  const lines = isWhole ? text : text.slice(0, text.lastIndexOf("\n") + 1);
  let records: string[][];
  try {
    records = parse(lines, {
      bom: true,
      delimiter: detectDelimiter(lines),
      to: limits.rows + 2,
      relaxColumnCount: true,
      relaxQuotes: true,
      skipEmptyLines: true,
      skipRecordsWithError: true,
    });
  } catch {
    throw invalid("path", "this file cannot be parsed as a table; download it instead");
  }
  const [names = [], ...body] = records;
  const rows = body.slice(0, limits.rows).map((row) => row.slice(0, limits.columns));
  const columns = names
    .slice(0, limits.columns)
    .map((name, i) => ({ name, type: inferType(rows.map((row) => row[i] ?? "")) }));
  const truncated = !isWhole || body.length > rows.length || names.length > columns.length;
  return JSON.stringify({ columns, rows, rowCount: truncated ? null : rows.length, truncated });
}
