import { type DelimitedText, detectDelimiter, lineOf, parseDelimited } from "../../lib/delimited-text.ts";

/** Column types from narrow to wide; the widest is string. */
const types: [string, RegExp][] = [
  ["integer", /^[+-]?\d+$/],
  ["number", /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i],
  ["boolean", /^(?:true|false)$/i],
];
/** Lines that a note names. */
const maxNamedLines = 5;

/** The beginning of a file, decoded. */
export interface TextStart {
  text: string;
  isWhole: boolean;
  /** What is to say about how its bytes were read. */
  note: string | null;
}

/** The narrowest type that all non-empty values have; string when there is none. */
function inferType(values: string[]): string {
  const nonEmpty = values.filter((value) => value !== "");
  return (
    (nonEmpty.length && types.find(([, pattern]) => nonEmpty.every((value) => pattern.test(value)))?.[0]) || "string"
  );
}

function nameLines(text: string, positions: number[]): string {
  const lines = positions.slice(0, maxNamedLines).map((position) => lineOf(text, position));
  const more = positions.length - lines.length;
  return `${lines.length > 1 ? "lines" : "line"} ${lines.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** What is odd about a table, in sentences. */
function describe({ text, note }: TextStart, { records, unclosed }: DelimitedText): string[] {
  const width = records[0]?.cells.length ?? 0;
  const uneven = records.filter(({ cells }) => cells.length !== width).map(({ start }) => start);
  const notes = note === null ? [] : [`The file is ${note}.`];
  if (text.includes("\0")) notes.push("The file has NUL characters; perhaps it is no text.");
  if (unclosed.length) notes.push(`A quote in ${nameLines(text, unclosed)} never ends and is shown as it stands.`);
  if (uneven.length) notes.push(`The number of cells in ${nameLines(text, uneven)} differs from the first line's.`);
  return notes;
}

/**
 * The columns and first rows of a CSV or TSV text as JSON. The first record holds the column names; column types are inferred from the rows shown. Unless
 * the text is the whole file, its last, incomplete record is ignored. What is odd is said in `note`, and no row is left out for it.
 */
export function readCsv(path: string, start: TextStart, limits: { rows: number; columns: number }): string {
  const { text, isWhole } = start;
  const delimiter = /\.tsv$/i.test(path) ? "\t" : detectDelimiter(text, isWhole);
  const table = parseDelimited(text, delimiter, isWhole, limits.rows + 1);
  const [names = [], ...body] = table.records.map(({ cells }) => cells);
  const rows = body.map((row) => row.slice(0, limits.columns));
  const columns = names
    .slice(0, limits.columns)
    .map((name, i) => ({ name, type: inferType(rows.map((row) => row[i] ?? "")) }));
  const rowCount = isWhole ? Math.max(0, table.count - 1) : null;
  const truncated =
    rowCount !== rows.length || body.some((row) => row.length > limits.columns) || names.length > columns.length;
  const notes = describe(start, table);
  return JSON.stringify({ columns, rows, rowCount, truncated, ...(notes.length && { note: notes.join(" ") }) });
}
