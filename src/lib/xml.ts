/** What XML has between its texts. */
export type XmlPart =
  | { kind: "tag"; name: string; attributes: [name: string, value: string][] }
  | { kind: "instruction"; target: string }
  | { kind: "doctype"; hasSubset: boolean };

/** Something that XML does not allow; its position is in the message. */
export class XmlError extends Error {}

const nameAt = /[^\s<>/=!"'?&;]+/y;
const spaceAt = /\s+/y;
const plainAt = /[^"'[\]<>]*/y;

/** A scanner that passes each character once. */
class Scanner {
  position = 0;
  constructor(readonly text: string) {}

  /** Passes `word` if it comes next. */
  take(word: string): boolean {
    const isNext = this.text.startsWith(word, this.position);
    if (isNext) this.position += word.length;
    return isNext;
  }

  /** Passes what a sticky pattern matches; null if it does not match here. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (found) this.position = pattern.lastIndex;
    return found;
  }

  /** Passes all up to and with `end`, and returns what is before it. */
  until(end: string): string {
    const at = this.text.indexOf(end, this.position);
    if (at < 0) this.fail(`${end} is missing`);
    const passed = this.text.slice(this.position, at);
    this.position = at + end.length;
    return passed;
  }

  name(): string {
    return this.match(nameAt)?.[0] ?? this.fail("a name is missing");
  }

  fail(problem: string): never {
    throw new XmlError(`${problem} at character ${this.position + 1}`);
  }
}

function readAttribute(scanner: Scanner): [string, string] {
  const name = scanner.name();
  scanner.match(spaceAt);
  if (!scanner.take("=")) scanner.fail(`attribute ${name} has no value`);
  scanner.match(spaceAt);
  const quote = ['"', "'"].find((mark) => scanner.take(mark)) ?? scanner.fail(`the value of ${name} has no quotes`);
  const value = scanner.until(quote);
  if (value.includes("<")) scanner.fail(`the value of ${name} has a <`);
  return [name, value];
}

function readTag(scanner: Scanner): XmlPart {
  const name = scanner.name();
  const attributes: [string, string][] = [];
  for (;;) {
    const isSpaced = scanner.match(spaceAt) !== null;
    if (scanner.take(">") || scanner.take("/>")) return { kind: "tag", name, attributes };
    if (!isSpaced) scanner.fail(`tag ${name} does not end`);
    attributes.push(readAttribute(scanner));
  }
}

/** A document type up to its end, or to what it declares itself. */
function readDoctype(scanner: Scanner): XmlPart {
  for (;;) {
    scanner.match(plainAt);
    const quote = ['"', "'"].find((mark) => scanner.take(mark));
    if (quote) scanner.until(quote);
    else if (scanner.take("[")) return { kind: "doctype", hasSubset: true };
    else if (scanner.take(">")) return { kind: "doctype", hasSubset: false };
    else scanner.fail("a document type does not end");
  }
}

/** What begins with the `<` at this position; null for what holds nothing: comments, texts and ends of elements. */
function readPart(scanner: Scanner): XmlPart | null {
  if (scanner.take("<!DOCTYPE")) return readDoctype(scanner);
  const plain = [
    ["<!--", "-->"],
    ["<![CDATA[", "]]>"],
    ["</", ">"],
  ].find(([start = ""]) => scanner.take(start));
  if (plain) {
    scanner.until(plain[1] ?? "");
    return null;
  }
  if (scanner.take("<?")) {
    const target = scanner.name();
    scanner.until("?>");
    return { kind: "instruction", target };
  }
  scanner.take("<");
  return readTag(scanner);
}

/** Reads tags with their attributes (references in values as they are), instructions and document types. Stricter than XML; throws `XmlError`. */
export function* readXml(text: string): Generator<XmlPart, void> {
  const scanner = new Scanner(text);
  for (;;) {
    const next = text.indexOf("<", scanner.position);
    if (next < 0) return;
    scanner.position = next;
    const part = readPart(scanner);
    if (part) yield part;
  }
}

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const maxReferences = 10_000;

/** A value with its references replaced; null if one of them is not defined in every XML, or if there are very many. */
export function decodeReferences(value: string): string | null {
  if (!value.includes("&")) return value;
  if (value.split("&", maxReferences + 2).length > maxReferences + 1) return null;
  let isKnown = true;
  const decoded = value.replace(/&(?:#x([0-9a-f]{1,8})|#(\d{1,8})|([^;&]{0,32}));?/gi, (_all, hex, decimal, name) => {
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    const character = name === undefined && code <= 0x10ffff ? String.fromCodePoint(code) : named[name];
    isKnown &&= character !== undefined;
    return character ?? "";
  });
  return isKnown ? decoded : null;
}
