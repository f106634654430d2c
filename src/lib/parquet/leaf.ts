import { type Budget, limits, NotShown } from "./budget.ts";
import type { ColumnChunk, RowGroup } from "./footer.ts";
import { checkPage, type LeafType, type PageHeader, readPage, readPageHeader } from "./page.ts";
import type { RawValue } from "./page-values.ts";
import { unpackPage } from "./unpack.ts";

/** Bytes of the file, by range. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

/** The first rows of a column: an entry for each value, null or empty list in them. */
export interface LeafData {
  repetitions: number[];
  definitions: number[];
  /** Of the entries that are not null. */
  values: RawValue[];
  /** Rows among them; while they are read also the one that is not whole. */
  rows: number;
  /** Why there are fewer rows than asked for, if that is so. */
  problem: string | null;
}

/** Bytes that are read at once where the size of a page is not known yet. */
const window = 64 * 1024;
const maxHeader = 1024 * 1024;

/** Reads a column chunk from its beginning. */
class ChunkReader {
  private held = new Uint8Array();
  private position: number;
  private readonly end: number;
  constructor(
    private readonly read: ReadRange,
    private readonly budget: Budget,
    { start, size }: ColumnChunk,
  ) {
    this.position = start;
    this.end = start + size;
  }

  get ended(): boolean {
    return this.held.length === 0 && this.position >= this.end;
  }

  /** At least `size` bytes from here on, fewer only at the end. */
  private async hold(size: number): Promise<void> {
    const missing = size - this.held.length;
    if (missing <= 0) return;
    const until = Math.min(this.end, this.position + Math.max(missing, window));
    if (until <= this.position) return;
    this.budget.addRead(until - this.position);
    const more = await this.read(this.position, until);
    const joined = new Uint8Array(this.held.length + more.length);
    joined.set(this.held);
    joined.set(more, this.held.length);
    this.held = joined;
    this.position = until;
  }

  async header(): Promise<PageHeader> {
    for (let size = 256; size <= maxHeader; size *= 8) {
      await this.hold(size);
      const header = readPageHeader(this.held);
      if (header) {
        this.held = this.held.subarray(header.size);
        return header;
      }
    }
    throw new NotShown("is broken: a page has no header");
  }

  async take(size: number): Promise<Uint8Array> {
    await this.hold(size);
    if (this.held.length < size) throw new NotShown("is broken: it ends in the middle of a page");
    const taken = this.held.subarray(0, size);
    this.held = this.held.subarray(size);
    return taken;
  }
}

/** How many rows begin in these entries, and where the one after `max` begins. */
function countRows(repetitions: ArrayLike<number>, max: number): { begun: number; cut: number } {
  let begun = 0;
  for (let i = 0; i < repetitions.length; i += 1) {
    if (repetitions[i] !== 0) continue;
    if (begun === max) return { begun: max + 1, cut: i };
    begun += 1;
  }
  return { begun, cut: repetitions.length };
}

function append(
  data: LeafData,
  page: { repetitions: Uint32Array; definitions: Uint32Array; values: RawValue[] },
): void {
  for (const level of page.repetitions) data.repetitions.push(level);
  for (const level of page.definitions) data.definitions.push(level);
  for (const value of page.values) data.values.push(value);
  data.rows += countRows(page.repetitions, page.repetitions.length).begun;
}

/** What is read of a column. */
interface Reading {
  leaf: LeafType;
  data: LeafData;
  budget: Budget;
}

/** Reads pages of a column chunk until `rows` rows are complete. */
async function readChunk(reader: ChunkReader, codec: number, rows: number, reading: Reading): Promise<void> {
  const { leaf, data, budget } = reading;
  let dictionary: Uint8Array | null = null;
  while (!reader.ended) {
    const header = await reader.header();
    checkPage(header);
    const bytes = await reader.take(header.packed);
    if (header.kind === "dictionary") {
      budget.addUnpacked(header.unpacked);
      dictionary = unpackPage(bytes, codec, header.unpacked);
    }
    if (header.kind !== "data" && header.kind !== "data2") continue;
    // Without repetition each entry is a row, and no more are needed than rows are missing.
    const count = Math.min(header.count, (leaf.maxRepetition ? limits.values : rows) - data.repetitions.length);
    append(data, readPage(bytes, header, codec, leaf, count, dictionary, budget));
    // A row that repeats is complete where the next one begins.
    if (data.rows > rows || (data.rows === rows && !leaf.maxRepetition)) return;
    if (count < header.count) throw new NotShown(`has more than ${limits.values} values in its first rows`);
  }
}

/** Cuts what was read to whole rows. */
function trim(data: LeafData, maxRows: number, maxDefinition: number, isWhole: boolean): LeafData {
  const { begun, cut } = countRows(data.repetitions, maxRows);
  let rows = Math.min(begun, maxRows);
  let end = cut;
  if (!isWhole && begun <= maxRows) {
    // The last row may go on in what was not read.
    rows = Math.max(0, begun - 1);
    end = Math.max(0, data.repetitions.lastIndexOf(0));
  }
  const definitions = data.definitions.slice(0, end);
  const present = definitions.filter((level) => level === maxDefinition).length;
  const values = data.values.slice(0, present);
  return { ...data, repetitions: data.repetitions.slice(0, end), definitions, values, rows };
}

async function readGroups(
  read: ReadRange,
  groups: RowGroup[],
  index: number,
  rows: number,
  reading: Reading,
): Promise<void> {
  let before = 0;
  for (const group of groups.filter((candidate) => candidate.rows > 0)) {
    const chunk = group.chunks[index];
    if (!chunk || chunk.elsewhere) throw new NotShown("is encrypted or in another file");
    before = Math.min(rows, before + group.rows);
    await readChunk(new ChunkReader(read, reading.budget, chunk), chunk.codec, before, reading);
    if (reading.data.rows < before) throw new NotShown("has fewer values than rows");
  }
}

/** Reads the first rows of the column at position `index`; what it can't read it says, and keeps the rows before. */
export async function readLeaf(
  read: ReadRange,
  groups: RowGroup[],
  index: number,
  leaf: LeafType,
  rows: number,
  budget: Budget,
): Promise<LeafData> {
  const data: LeafData = { repetitions: [], definitions: [], values: [], rows: 0, problem: null };
  try {
    await readGroups(read, groups, index, rows, { leaf, data, budget });
    return trim(data, rows, leaf.maxDefinition, true);
  } catch (error) {
    if (!(error instanceof NotShown || error instanceof RangeError)) throw error;
    const problem = error instanceof NotShown ? error.message : "is broken";
    return trim({ ...data, problem }, rows, leaf.maxDefinition, !leaf.maxRepetition);
  }
}
