/** A field of Arrow's schema, of which parquet's own schema lacks the duration and the name of the time zone. */
export interface ArrowField {
  duration: "s" | "ms" | "us" | "ns" | null;
  zone: string | null;
  children: ArrowField[];
}

const units = ["s", "ms", "us", "ns"] as const;
const timestampType = 10;
const durationType = 18;
/** Milliseconds, of durations whose unit is left out. */
const defaultUnit = 1;
const maxDepth = 32;

/** A table of a FlatBuffer: its fields by their position in the definition, each absent or at an offset. */
class Table {
  constructor(
    private readonly view: DataView,
    private readonly at: number,
  ) {}

  private place(field: number): number {
    const vtable = this.at - this.view.getInt32(this.at, true);
    if (4 + 2 * field >= this.view.getUint16(vtable, true)) return 0;
    const offset = this.view.getUint16(vtable + 4 + 2 * field, true);
    return offset && this.at + offset;
  }

  /** Where what a field refers to begins; 0 for nothing. */
  private target(field: number): number {
    const at = this.place(field);
    return at && at + this.view.getUint32(at, true);
  }

  byte(field: number): number {
    const at = this.place(field);
    return at ? this.view.getUint8(at) : 0;
  }

  short(field: number, absent: number): number {
    const at = this.place(field);
    return at ? this.view.getInt16(at, true) : absent;
  }

  text(field: number): string | null {
    const at = this.target(field);
    if (!at) return null;
    const bytes = new Uint8Array(this.view.buffer, this.view.byteOffset + at + 4, this.view.getUint32(at, true));
    return new TextDecoder().decode(bytes);
  }

  table(field: number): Table | null {
    const at = this.target(field);
    return at ? new Table(this.view, at) : null;
  }

  tables(field: number, max: number): Table[] {
    const at = this.target(field);
    const size = at ? Math.min(max, this.view.getUint32(at, true)) : 0;
    return Array.from({ length: size }, (_, i) => {
      const item = at + 4 + 4 * i;
      return new Table(this.view, item + this.view.getUint32(item, true));
    });
  }
}

function toField(table: Table, depth: number): ArrowField {
  if (depth > maxDepth) throw new Error("fields are nested too deeply");
  const kind = table.byte(2);
  const type = table.table(3);
  return {
    duration: kind === durationType && type ? (units[type.short(0, defaultUnit)] ?? null) : null,
    zone: kind === timestampType && type ? type.text(1) : null,
    children: table.tables(5, 200).map((child) => toField(child, depth + 1)),
  };
}

/** The first fields of a schema of Arrow, as parquet's key `ARROW:schema` has it; none if it can't be read. */
export function readArrowSchema(base64: string, maxFields: number): ArrowField[] {
  try {
    const bytes = Buffer.from(base64, "base64");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // A message is framed by its length, which newer writers put behind four bytes 0xff.
    const start = view.getInt32(0, true) === -1 ? 8 : 4;
    const message = new Table(view, start + view.getUint32(start, true));
    return (
      message
        .table(2)
        ?.tables(1, maxFields)
        .map((field) => toField(field, 0)) ?? []
    );
  } catch {
    return [];
  }
}
