/** The types of Thrift's compact protocol that carry no bytes of their own outside a list. */
const boolTrue = 1;
const boolFalse = 2;
const maxDepth = 32;

/** Reads Thrift's compact protocol, in which parquet writes its footer and page headers. Throws at the end of the bytes; allocates only what is kept. */
export class ThriftReader {
  offset: number;
  private readonly view: DataView;
  constructor(
    private readonly bytes: Uint8Array,
    offset = 0,
  ) {
    this.offset = offset;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A number of 8 bits. */
  byte(): number {
    return this.view.getUint8(this.offset++);
  }

  private varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new Error("a number is longer than 64 bits");
  }

  /** A signed number of 16, 32 or 64 bits; beyond 2^53 rounded. */
  integer(): number {
    const value = this.varint();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }

  /** A view of bytes, at least of those that are left. */
  binary(): Uint8Array {
    const length = this.varint();
    if (length > this.bytes.length - this.offset) throw new RangeError("a text is longer than what holds it");
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  text(): string {
    return new TextDecoder().decode(this.binary());
  }

  /** Calls `visit` with each field's id, and with its value where that is a boolean. A field that the visitor does not read is skipped. */
  struct(visit: (id: number, flag: boolean) => void, depth = 0): void {
    if (depth > maxDepth) throw new Error("structs are nested too deeply");
    let id = 0;
    for (;;) {
      const head = this.byte();
      const type = head & 15;
      if (!type) return;
      id = head >> 4 ? id + (head >> 4) : this.integer();
      const before = this.offset;
      visit(id, type === boolTrue);
      if (this.offset === before && type > boolFalse) this.skip(type, depth + 1);
    }
  }

  /** Reads the fields that are named by their ids; the others are skipped. */
  fields(readers: Record<number, (flag: boolean) => void>): void {
    this.struct((id, flag) => readers[id]?.(flag));
  }

  /** Calls `visit` with the position of each item; items that the visitor does not read are skipped. */
  list(visit: (position: number, size: number) => void, depth = 0): void {
    const head = this.byte();
    const size = head >> 4 === 15 ? this.varint() : head >> 4;
    for (let i = 0; i < size; i += 1) {
      const before = this.offset;
      visit(i, size);
      if (this.offset === before) this.skip((head & 15) <= boolFalse ? 3 : head & 15, depth + 1);
    }
  }

  private skip(type: number, depth: number): void {
    if (type === 3) this.byte();
    else if (type <= 6) this.varint();
    else if (type === 7) this.offset += 8;
    else if (type === 8) this.binary();
    else if (type === 9 || type === 10) this.list(() => undefined, depth);
    else if (type === 12) this.struct(() => undefined, depth);
    else throw new Error(`unknown type ${type}`);
    if (depth > maxDepth) throw new Error("lists are nested too deeply");
  }
}
