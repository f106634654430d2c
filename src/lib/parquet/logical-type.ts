import type { ThriftReader } from "./thrift.ts";

/** What a column holds beyond its physical type, as the footer says it. */
export interface LogicalType {
  kind: string;
  scale: number;
  precision: number;
  /** Of times: whether they are instants, and the unit. */
  utc: boolean;
  unit: "ms" | "us" | "ns";
  bits: number;
  signed: boolean;
}

const units = { 1: "ms", 2: "us", 3: "ns" } as const;
const logicalKinds = new Map(
  [
    ...["STRING", "MAP", "LIST", "ENUM", "DECIMAL", "DATE", "TIME", "TIMESTAMP", "INTERVAL", "INTEGER", "NULL"],
    ...["JSON", "BSON", "UUID", "FLOAT16", "VARIANT", "GEOMETRY", "GEOGRAPHY"],
  ].map((kind, i) => [i + 1, kind]),
);

const plain: LogicalType = { kind: "", scale: 0, precision: 0, utc: false, unit: "ms", bits: 64, signed: true };

/** The older annotations, by their number. */
const convertedTypes: Partial<LogicalType>[] = [
  ...[{ kind: "STRING" }, { kind: "MAP" }, { kind: "MAP" }, { kind: "LIST" }, { kind: "ENUM" }, { kind: "DECIMAL" }],
  ...[{ kind: "DATE" }, { kind: "TIME" }, { kind: "TIME", unit: "us" as const }],
  ...[
    { kind: "TIMESTAMP", utc: true },
    { kind: "TIMESTAMP", utc: true, unit: "us" as const },
  ],
  ...[8, 16, 32, 64].map((bits) => ({ kind: "INTEGER", bits, signed: false })),
  ...[8, 16, 32, 64].map((bits) => ({ kind: "INTEGER", bits, signed: true })),
  ...[{ kind: "JSON" }, { kind: "BSON" }, { kind: "INTERVAL" }],
];

function readUnit(thrift: ThriftReader, into: LogicalType): void {
  thrift.struct((id) => {
    if (id === 1 || id === 2 || id === 3) into.unit = units[id];
  });
}

/** What each logical type has in its fields; the other types have none. */
const detailReaders: Record<string, (thrift: ThriftReader, found: LogicalType) => void> = {
  DECIMAL: (thrift, found) =>
    thrift.fields({
      1: () => {
        found.scale = thrift.integer();
      },
      2: () => {
        found.precision = thrift.integer();
      },
    }),
  TIME: readTimeDetails,
  TIMESTAMP: readTimeDetails,
  INTEGER: (thrift, found) =>
    thrift.fields({
      1: () => {
        found.bits = thrift.byte();
      },
      2: (flag) => {
        found.signed = flag;
      },
    }),
};

function readTimeDetails(thrift: ThriftReader, found: LogicalType): void {
  thrift.fields({
    1: (flag) => {
      found.utc = flag;
    },
    2: () => readUnit(thrift, found),
  });
}

/** Reads the logical type of a field; null for none that is known. */
export function readLogicalType(thrift: ThriftReader): LogicalType | null {
  const found = { ...plain };
  thrift.struct((id) => {
    found.kind = logicalKinds.get(id) ?? "";
    detailReaders[found.kind]?.(thrift, found);
  });
  return found.kind ? found : null;
}

/** The logical type that an older annotation stands for; null for none that is known. */
export function annotate(converted: number, decimal: { scale: number; precision: number }): LogicalType | null {
  const found = convertedTypes[converted];
  return found ? { ...plain, ...decimal, ...found } : null;
}
