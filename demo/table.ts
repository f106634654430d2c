/** A small table in memory. Cells of a `number` column are numbers, all others text. */
export interface Table {
  columns: { name: string; type: "number" | "string" }[];
  rows: Record<string, string | number>[];
}

function isNumber(text: string | undefined): boolean {
  return Boolean(text) && Number.isFinite(Number(text));
}

/** Reads a CSV without quotes whose first line names the columns; a column is of numbers when every cell is one. */
export function parseTable(csv: string): Table {
  const [head = [], ...cells] = csv
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
  const columns = head.map((name, i): Table["columns"][number] => ({
    name,
    type: cells.every((row) => isNumber(row[i])) ? "number" : "string",
  }));
  const rows = cells.map((row) =>
    Object.fromEntries(columns.map(({ name, type }, i) => [name, type === "number" ? Number(row[i]) : (row[i] ?? "")])),
  );
  return { columns, rows };
}

/** The table as CSV, as `parseTable` reads it. */
export function formatTable({ columns, rows }: Table): string {
  return [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ name }) => row[name]))]
    .map((cells) => `${cells.join(",")}\n`)
    .join("");
}

function statsOf({ columns, rows }: Table) {
  return Object.fromEntries(
    columns
      .filter(({ type }) => type === "number")
      .map(({ name }) => {
        const values = rows.map((row) => Number(row[name]));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        return [name, { min: Math.min(...values), max: Math.max(...values), mean: Number(mean.toFixed(2)) }];
      }),
  );
}

/** What Pedigree is received of a table: its columns, how many rows, statistics, and the first rows to look at. */
export function describeTable(table: Table, roles: { labelColumn?: string; features?: string[] } = {}) {
  return {
    columns: table.columns,
    rows: table.rows.length,
    stats: statsOf(table),
    preview: table.rows.slice(0, 5),
    ...roles,
  };
}
