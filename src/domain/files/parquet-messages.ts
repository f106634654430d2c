import type { ShownTable } from "../../lib/parquet/table.ts";

/** What the service tells the process that looks into a parquet file. */
export type ToProcess =
  | { kind: "file"; size: number; whole: Uint8Array | null; rows: number; columns: number }
  | { kind: "range"; request: number; bytes: Uint8Array };

/** What that process answers: requests for bytes, the columns, and at last the table as JSON, or why there is none. */
export type FromProcess =
  | { kind: "range"; request: number; start: number; end: number }
  | { kind: "outline"; table: ShownTable }
  | { kind: "table"; json: string; truncated: boolean }
  | { kind: "unreadable"; why: string };
