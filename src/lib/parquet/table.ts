import { readArrowSchema } from "./arrow-schema.ts";
import { assembleColumn } from "./assemble.ts";
import { Budget, limits, NotShown } from "./budget.ts";
import type { Json, Remarks } from "./cell.ts";
import { type ColumnType, typeOf } from "./column-type.ts";
import { type Footer, readFooter } from "./footer.ts";
import { type LeafData, type ReadRange, readLeaf } from "./leaf.ts";
import { leavesOf, type SchemaNode, toColumns } from "./schema.ts";

/** A column of a table with what is to say about it. */
export interface ShownColumn extends ColumnType {
  name: string;
  /** What of its values is not shown, and why. */
  note?: string;
}

/** The columns and first rows of a table. */
export interface ShownTable {
  columns: ShownColumn[];
  /** A row has a cell for each column; null too where `note` says that a value is not shown. */
  rows: Json[][];
  rowCount: number;
  truncated: boolean;
  /** What is not shown, in sentences. */
  note?: string;
}

/** A table as far as the footer tells, and a way to the rows. */
export interface OpenTable {
  /** Without rows. */
  outline: ShownTable;
  readRows(): Promise<ShownTable>;
}

const footerTail = 8;
const magic = "PAR1";
const encryptedMagic = "PARE";
/** Columns that are read at the same time. */
const concurrency = 4;
/** Characters of JSON that one cell, and all rows together, may have. */
const maxCell = 64 * 1024;
const maxRows = 4 * 2 ** 20;
const maxName = 1_000;

/** Refuses ranges that a broken footer leads to. */
function within(read: ReadRange, size: number): ReadRange {
  return async (start, end) => {
    if (!(start >= 0 && start <= end && end <= size)) throw new NotShown("is broken: it lies outside of the file");
    return read(start, end);
  };
}

async function loadFooter(read: ReadRange, size: number, budget: Budget, rows: number): Promise<Footer> {
  if (size < 12) throw new NotShown("is shorter than the shortest parquet file");
  const tail = await read(size - footerTail, size);
  const mark = Buffer.from(tail.subarray(4)).toString("latin1");
  if (mark === encryptedMagic) throw new NotShown("is encrypted");
  if (mark !== magic) throw new NotShown("does not end with PAR1");
  const length = new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getUint32(0, true);
  const start = size - footerTail - length;
  if (start < 4) throw new NotShown("has a footer that is longer than the file");
  const end = start + Math.min(length, limits.footer);
  budget.addRead(end - start);
  return readFooter(await read(start, end), length <= limits.footer, { rows, elements: limits.elements });
}

function toColumn(node: SchemaNode): ShownColumn {
  return { name: node.element.name.slice(0, maxName), ...typeOf(node) };
}

interface ReadColumn {
  cells: Json[];
  note: string | null;
}

/** What is said about a column whose cells are cut or missing. */
function noteOf(shown: number, rows: number, problem: string | null, remarks: Remarks): string | null {
  const notes: string[] = [];
  if (problem !== null)
    notes.push(`${shown ? `only the first ${shown} rows are shown` : "not shown"}: the column ${problem}`);
  else if (shown < rows) notes.push("not shown: the column is broken");
  if (remarks.isCut) notes.push("long texts, binary values and lists are cut");
  if (remarks.isLeftOut) notes.push(`cells of more than ${maxCell} characters are left out`);
  if (remarks.isNotUtf8) notes.push("some texts are not UTF-8");
  return notes.length ? notes.join("; ") : null;
}

async function readColumn(
  read: ReadRange,
  footer: Footer,
  node: SchemaNode,
  rows: number,
  budget: Budget,
): Promise<ReadColumn> {
  const data = new Map<number, LeafData>();
  const remarks: Remarks = { isCut: false, isLeftOut: false, isNotUtf8: false };
  let problem: string | null = null;
  for (const { element, leaf, definition, repetition } of leavesOf(node)) {
    const type = {
      type: element.type ?? "",
      length: element.length,
      maxDefinition: definition,
      maxRepetition: repetition,
    };
    const found = await readLeaf(read, footer.rowGroups, leaf, type, rows, budget);
    problem ??= found.problem;
    data.set(leaf, found);
  }
  if (!data.size) return { cells: [], note: "not shown: the column itself has no values" };
  try {
    const cells = assembleColumn(node, data, remarks).map((cell) => {
      if (JSON.stringify(cell).length <= maxCell) return cell;
      remarks.isLeftOut = true;
      return null;
    });
    return { cells, note: noteOf(cells.length, rows, problem, remarks) };
  } catch {
    return { cells: [], note: noteOf(0, rows, problem ?? "is broken", remarks) };
  }
}

async function readColumns(
  columns: SchemaNode[],
  one: (node: SchemaNode) => Promise<ReadColumn>,
): Promise<ReadColumn[]> {
  const found: ReadColumn[] = [];
  let next = 0;
  const work = async () => {
    for (let i = next++; i < columns.length; i = next++) {
      const column = columns[i];
      if (column) found[i] = await one(column);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return found;
}

/** Rows, as many as the answer has room for. */
function toRows(columns: ReadColumn[], count: number): Json[][] {
  const rows: Json[][] = [];
  let size = 0;
  for (let i = 0; i < count; i += 1) {
    const row = columns.map(({ cells }) => cells[i] ?? null);
    size += JSON.stringify(row).length;
    if (size > maxRows) break;
    rows.push(row);
  }
  return rows;
}

function sentences(notes: (string | false)[]): { note?: string } {
  const said = notes.filter((note) => note !== false);
  return said.length ? { note: `${said.join(". ")}.` } : {};
}

/** Reads the footer of a parquet file of `size` bytes. Throws `NotShown` for what is no parquet file. */
export async function openTable(
  readFile: ReadRange,
  size: number,
  shown: { rows: number; columns: number },
): Promise<OpenTable> {
  const budget = new Budget();
  const read = within(readFile, size);
  const footer = await loadFooter(read, size, budget, shown.rows);
  const arrow = footer.arrowSchema === null ? [] : readArrowSchema(footer.arrowSchema, shown.columns);
  const nodes = toColumns(footer, shown.columns, arrow);
  const columns = nodes.map(toColumn);
  const { rowCount, columnCount } = footer;
  const more = columnCount > nodes.length && `${columnCount - nodes.length} of ${columnCount} columns are not shown`;
  const outline: ShownTable = {
    ...{ columns, rows: [], rowCount, truncated: rowCount > 0 || more !== false },
    ...sentences([more]),
  };
  const readRows = async () => {
    const wanted = Math.min(shown.rows, rowCount);
    const found = await readColumns(nodes, (node) => readColumn(read, footer, node, wanted, budget));
    const rows = toRows(found, wanted);
    const noted = columns.map((column, i) => ({ ...column, ...(found[i]?.note && { note: found[i].note }) }));
    const short =
      rows.length < wanted && `only ${rows.length} rows are shown, because more would make the preview too large`;
    const truncated = rowCount > rows.length || more !== false || noted.some(({ note }) => note !== undefined);
    return { columns: noted, rows, rowCount, truncated, ...sentences([more, short]) };
  };
  return { outline, readRows };
}
