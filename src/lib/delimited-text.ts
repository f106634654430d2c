/** A record of a delimited text, and where it begins. */
export interface TextRecord {
  cells: string[];
  start: number;
}

export interface DelimitedText {
  /** The first ones, as many as were asked for. */
  records: TextRecord[];
  /** How many there are in all. */
  count: number;
  /** Where quotes begin that never end; they are taken as they stand. */
  unclosed: number[];
}

/** Quotes without an end, after which no further ones are taken for quotes. */
const maxUnclosed = 10;
/** Lines that a quoted text may have where the text is cut, before its quote is taken for one that never ends. */
const maxOpenLines = 100;

/** Splits text into records as Python's csv and pandas do; what they refuse is kept as it stands. */
class Parser {
  private position = 0;
  private readonly unclosed: number[] = [];
  private readonly plain: RegExp;
  private readonly blank: RegExp;
  constructor(
    private readonly text: string,
    private readonly delimiter: string,
    private readonly isWhole: boolean,
  ) {
    this.plain = new RegExp(`[^${delimiter === "|" ? "\\|" : delimiter}\\r\\n]*`, "y");
    this.blank = delimiter === "\t" ? / *(?:\r\n|\r|\n|$)/y : /[ \t]*(?:\r\n|\r|\n|$)/y;
  }

  parse(maxRecords: number): DelimitedText {
    const records: TextRecord[] = [];
    let count = 0;
    while (this.position < this.text.length) {
      if (this.match(this.blank) !== null) continue;
      const start = this.position;
      const cells = this.record();
      if (!cells) break;
      if (records.length < maxRecords) records.push({ cells, start });
      count += 1;
    }
    return { records, count, unclosed: this.unclosed };
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (found) this.position = pattern.lastIndex;
    return found?.[0] ?? null;
  }

  /** The next record; null where the text is cut in the middle of it. */
  private record(): string[] | null {
    const cells: string[] = [];
    for (;;) {
      const cell = this.cell();
      if (cell === null) return null;
      cells.push(cell);
      if (this.text[this.position] === this.delimiter) {
        this.position += 1;
        continue;
      }
      if (this.position >= this.text.length) return this.isWhole ? cells : null;
      this.position += this.text.startsWith("\r\n", this.position) ? 2 : 1;
      return cells;
    }
  }

  private cell(): string | null {
    const start = this.position;
    if (this.text[start] !== '"' || this.unclosed.length >= maxUnclosed) return this.match(this.plain);
    this.position += 1;
    const quoted = this.quoted();
    // What follows the closing quote belongs to the cell.
    if (quoted !== null) return quoted + (this.match(this.plain) ?? "");
    const rest = this.text.slice(start);
    if (!this.isWhole && rest.split(/\r\n|\r|\n/, maxOpenLines + 1).length <= maxOpenLines) return null;
    this.unclosed.push(start);
    this.position = start;
    return this.match(this.plain);
  }

  /** What is between quotes, of which two stand for one; null if they do not end. */
  private quoted(): string | null {
    const parts: string[] = [];
    for (;;) {
      const end = this.text.indexOf('"', this.position);
      if (end < 0) return null;
      parts.push(this.text.slice(this.position, end));
      this.position = end + 1;
      if (this.text[this.position] !== '"') return parts.join('"');
      this.position += 1;
    }
  }
}

/** Reads records of a text; if it is not whole, without the last one, which is cut. */
export function parseDelimited(text: string, delimiter: string, isWhole: boolean, maxRecords: number): DelimitedText {
  return new Parser(text, delimiter, isWhole).parse(maxRecords);
}

const delimiters = [",", ";", "\t", "|"];
const sampleLength = 65_536;
const sampleRecords = 50;

/** The first records by a delimiter; of the whole text where the first one is longer than the sample. */
function readSample(text: string, delimiter: string, isWhole: boolean): TextRecord[] {
  const isAll = isWhole && text.length <= sampleLength;
  const { records } = parseDelimited(text.slice(0, sampleLength), delimiter, isAll, sampleRecords);
  return records.length ? records : parseDelimited(text, delimiter, isWhole, sampleRecords).records;
}

/** The delimiter by which most of the first records have as many cells as the first one, and it at least two; a comma if that does not tell. */
export function detectDelimiter(text: string, isWhole: boolean): string {
  let best = { delimiter: ",", share: 0, width: 1 };
  for (const delimiter of delimiters) {
    const records = readSample(text, delimiter, isWhole);
    const width = records[0]?.cells.length ?? 0;
    if (width < 2) continue;
    const share = records.filter(({ cells }) => cells.length === width).length / records.length;
    // Where the comma fits as well as others, it is meant, whatever the number of cells.
    const isWider = best.delimiter !== "," && share === best.share && width > best.width;
    if (share > best.share || isWider) best = { delimiter, share, width };
  }
  return best.delimiter;
}

/** The number of the line, from 1, in which a position is. */
export function lineOf(text: string, position: number): number {
  return text.slice(0, position).split(/\r\n|\r|\n/).length;
}
