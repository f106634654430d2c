import type { Statement } from "../../ports/statement.ts";

/** The rows that an engine returned for a statement, as its declaration describes them; absent properties are null. Changes them in place. */
export function toRows<R>({ fillNulls }: Statement<never, R>, rows: object[]): R[] {
  if (fillNulls) for (const row of rows) fillNulls(row);
  // The database is outside what the compiler sees; `checkedStore` checks the rows in tests and during development.
  return rows as R[];
}
