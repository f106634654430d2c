import type { Evaluation } from "./tree.ts";

const cell = 64;
const margin = 96;

function text(x: number, y: number, words: string | number, more = ""): string {
  return `<text x="${x}" y="${y}" ${more}>${words}</text>`;
}

function square(share: number, count: number, column: number, row: number): string {
  const [x, y] = [margin + column * cell, margin + row * cell];
  const ink = share > 0.5 ? "#fff" : "#123";
  const fill = `fill="#1f6f8b" fill-opacity="${share.toFixed(2)}"`;
  return (
    `<rect x="${x}" y="${y}" width="${cell - 2}" height="${cell - 2}" rx="4" stroke="#ccd6dd" ${fill}/>` +
    text(x + cell / 2 - 1, y + cell / 2 + 4, count, `text-anchor="middle" fill="${ink}"`)
  );
}

/** The confusion matrix as an SVG picture: the darker a square, the larger its share of the days in its row. */
export function plotConfusion({ classes, confusion }: Evaluation): string {
  const side = margin + classes.length * cell + 16;
  const squares = confusion.flatMap((counts, row) => {
    const total = counts.reduce((sum, count) => sum + count, 0) || 1;
    return counts.map((count, column) => square(count / total, count, column, row));
  });
  const names = classes.flatMap((name, i) => [
    text(margin - 10, margin + i * cell + cell / 2 + 4, name, 'text-anchor="end"'),
    text(margin + i * cell + cell / 2, margin - 10, name, 'text-anchor="middle"'),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" width="${side}" height="${side}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(margin, 28, "Days in Seattle", 'font-size="16" font-weight="bold"'),
    text(margin, 50, "rows: as it was, columns: as the tree says", 'fill="#567"'),
    ...names,
    ...squares,
    "</svg>",
    "",
  ].join("\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A summary in Markdown, with the picture beside it. */
export function summarise({ accuracy, rows, classes, confusion }: Evaluation, maxDepth: number): string {
  return [
    "# Seattle's weather from thermometer and wind",
    "",
    `A decision tree of depth ${maxDepth} tells the weather of ${percent(accuracy)} of ${rows} days that it had not seen.`,
    "",
    "| weather | days | received right |",
    "|---|---|---|",
    ...classes.map((name, i) => {
      const days = confusion[i]?.reduce((sum, count) => sum + count, 0) ?? 0;
      return `| ${name} | ${days} | ${percent((confusion[i]?.[i] ?? 0) / (days || 1))} |`;
    }),
    "",
    "![Confusion matrix](confusion.svg)",
    "",
  ].join("\n");
}
