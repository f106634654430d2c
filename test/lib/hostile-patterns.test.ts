import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vite";
import { describe, expect, it } from "vitest";

/** Files whose patterns see no input: they read the service's own files, its settings, and its own statements. */
const trusted = ["src/lib/cypher-files.ts", "src/config.ts", "src/adapters/shared/checked-store.ts"];

/** Lengths to try, and the milliseconds that they may take. A cubic pattern is noticed by the short ones, before a long one takes hours. */
const sizes = [
  { length: 1_000, maxMs: 100 },
  { length: 50_000, maxMs: 400 },
];

function findFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return findFiles(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

/** The regular expressions of a file, by the text of their literals. */
function findPatterns(path: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ("regex" in node && "raw" in node) found.push(String(node.raw));
    else for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(readFileSync(path, "utf8"), { lang: "ts" }));
  return found;
}

function toRegExp(literal: string): RegExp {
  const end = literal.lastIndexOf("/");
  return new RegExp(literal.slice(1, end), literal.slice(end + 1));
}

/** The fixed texts in a pattern, which lead a match to its repetitions. */
function findWords(source: string): string[] {
  const plain = source.replace(/\\([dswSDWbB])/g, " ").replaceAll("\\", "");
  return [...new Set(plain.split(/[[\](){}|?+*^$ ]+/).filter(Boolean))];
}

const units = [
  " ",
  "a",
  "0",
  "/",
  ":",
  "{",
  "{{",
  "}",
  "\\",
  "%",
  ".",
  "-",
  "=",
  "a:",
  "a@",
  "::",
  "%3A",
  "<",
  "&#",
  "é",
];

/** Long texts that almost match: a fixed text, then one short text again and again, then something that does not match. */
function findHostileInputs(source: string, length: number): string[] {
  const words = findWords(source);
  const starts = [...words, ...words.map((word, i) => `${word}${words[i + 1] ?? ""}`), "", "{{", "a/", "<!--"];
  return [...new Set(starts)]
    .flatMap((start) => [...units, ...words].map((unit) => start + unit.repeat(Math.ceil(length / unit.length))))
    .flatMap((text) => [text, `${text}\u0001!`]);
}

/** Milliseconds of processor time, which does not depend on how busy the machine is. */
function measure(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The beginning of a text for which a pattern takes too long; null when there is none. */
function findSlowInput(pattern: RegExp): string | null {
  for (const { length, maxMs } of sizes) {
    const slow = findHostileInputs(pattern.source, length).find(
      (text) => measure(() => void text.replace(pattern, "")) > maxMs,
    );
    if (slow !== undefined) return slow.slice(0, 80);
  }
  return null;
}

const patterns = findFiles("src")
  .filter((path) => !trusted.includes(path))
  .flatMap((path) => findPatterns(path).map((literal) => ({ path, literal })));
const distinct = [...new Map(patterns.map((pattern) => [pattern.literal, pattern])).values()];

describe("patterns", () => {
  it("the patterns of src are found", () => {
    expect(distinct.length).toBeGreaterThan(40);
  });

  it.each([/\{\{\s*([^{}]*?)\s*\}\}/g, /\/+$/, /^(\d+\.?\d*|\.\d+)$/])(
    "the pattern %s, which takes more than linear time, is noticed",
    (pattern) => {
      expect(findSlowInput(pattern)).not.toBeNull();
    },
  );

  it.each(distinct)("the pattern $literal of $path takes linear time for hostile input", ({ literal }) => {
    expect(findSlowInput(toRegExp(literal))).toBeNull();
  });
});
