import { annotate, type LogicalType, readLogicalType } from "./logical-type.ts";
import { ThriftReader } from "./thrift.ts";

/** A field of the schema, in the order of the footer: a group is followed by its children. */
export interface SchemaElement {
  name: string;
  /** The physical type; none for a group. */
  type: string | null;
  /** Bytes of a value of fixed length. */
  length: number;
  repetition: "required" | "optional" | "repeated";
  children: number;
  logical: LogicalType | null;
}

/** Where one leaf column of a row group lies in the file. */
export interface ColumnChunk {
  codec: number;
  /** The first byte of its first page, and how many bytes its pages have. */
  start: number;
  size: number;
  /** Its values are encrypted or in another file. */
  elsewhere: boolean;
}

export interface RowGroup {
  rows: number;
  chunks: ColumnChunk[];
}

export interface Footer {
  rowCount: number;
  /** How many columns the table has, shown or not. */
  columnCount: number;
  elements: SchemaElement[];
  /** The first ones, with as many rows as were asked for. */
  rowGroups: RowGroup[];
  /** The schema of Arrow that some writers add, in base64. */
  arrowSchema: string | null;
}

/** What of the footer is kept: rows to show, and fields of the schema to keep. */
export interface FooterLimits {
  rows: number;
  elements: number;
}

const physicalTypes = ["BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"];
const repetitions = ["required", "optional", "repeated"] as const;
function readElement(thrift: ThriftReader): SchemaElement {
  const element: SchemaElement = {
    ...{ name: "", type: null, length: 0, repetition: "required", children: 0, logical: null },
  };
  let converted = -1;
  const numbers = { scale: 0, precision: 0 };
  thrift.fields({
    1: () => {
      element.type = physicalTypes[thrift.integer()] ?? "unknown";
    },
    2: () => {
      element.length = thrift.integer();
    },
    3: () => {
      element.repetition = repetitions[thrift.integer()] ?? "required";
    },
    4: () => {
      element.name = thrift.text();
    },
    5: () => {
      element.children = thrift.integer();
    },
    6: () => {
      converted = thrift.integer();
    },
    7: () => {
      numbers.scale = thrift.integer();
    },
    8: () => {
      numbers.precision = thrift.integer();
    },
    10: () => {
      element.logical = readLogicalType(thrift);
    },
  });
  element.logical ??= annotate(converted, numbers);
  return element;
}

function readChunk(thrift: ThriftReader): ColumnChunk {
  const chunk: ColumnChunk = { codec: 0, start: 0, size: 0, elsewhere: false };
  let isDescribed = false;
  let dictionary = 0;
  const elsewhere = () => {
    chunk.elsewhere = true;
  };
  const details = {
    4: () => {
      chunk.codec = thrift.integer();
    },
    7: () => {
      chunk.size = thrift.integer();
    },
    9: () => {
      chunk.start = thrift.integer();
    },
    11: () => {
      dictionary = thrift.integer();
    },
  };
  const describe = () => {
    isDescribed = true;
    thrift.fields(details);
  };
  // A path to another file, and two forms of encryption.
  thrift.fields({ 1: elsewhere, 3: describe, 8: elsewhere, 9: elsewhere });
  if (dictionary > 0 && dictionary < chunk.start) chunk.start = dictionary;
  return isDescribed ? chunk : { ...chunk, elsewhere: true };
}

function readRowGroup(thrift: ThriftReader, maxChunks: number): RowGroup {
  const group: RowGroup = { rows: 0, chunks: [] };
  thrift.struct((id) => {
    if (id === 1) {
      thrift.list((i) => {
        if (i < maxChunks) group.chunks.push(readChunk(thrift));
      });
    }
    if (id === 3) group.rows = thrift.integer();
  });
  return group;
}

function readArrowSchema(thrift: ThriftReader): string | null {
  let key = "";
  let value: Uint8Array | undefined;
  thrift.struct((id) => {
    if (id === 1) key = thrift.text();
    if (id === 2) value = thrift.binary();
  });
  return key === "ARROW:schema" && value ? new TextDecoder().decode(value) : null;
}

/** A footer that ends early, because only its beginning was read, is taken as far as it goes if the schema and rows are known. */
function readFields(thrift: ThriftReader, footer: Footer, limits: FooterLimits): void {
  let rows = 0;
  thrift.struct((id) => {
    if (id === 2) {
      thrift.list((i) => {
        if (i < limits.elements) footer.elements.push(readElement(thrift));
      });
    }
    if (id === 3) footer.rowCount = thrift.integer();
    if (id === 4) {
      thrift.list(() => {
        if (rows >= limits.rows) return;
        const group = readRowGroup(thrift, footer.elements.length);
        rows += group.rows;
        footer.rowGroups.push(group);
      });
    }
    if (id === 5) {
      thrift.list(() => {
        footer.arrowSchema = readArrowSchema(thrift) ?? footer.arrowSchema;
      });
    }
  });
}

/** Reads the schema of a parquet file and where its first rows are. `whole` says whether `bytes` are all of the footer or its beginning. */
export function readFooter(bytes: Uint8Array, whole: boolean, limits: FooterLimits): Footer {
  const footer: Footer = { rowCount: -1, columnCount: 0, elements: [], rowGroups: [], arrowSchema: null };
  try {
    readFields(new ThriftReader(bytes), footer, limits);
  } catch (error) {
    if (whole) throw error;
  }
  const [root] = footer.elements;
  if (!root || footer.rowCount < 0) throw new Error("the footer has no schema");
  footer.columnCount = root.children;
  return footer;
}
