import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../cypher/", import.meta.url);

/** The text below each `// name: <name>` line of all files in cypher/, without comment lines. Names are unique across files. */
function readTexts(): Map<string, string> {
  const texts = new Map<string, string>();
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".cypher"));
  for (const file of files) {
    const [, ...sections] = readFileSync(new URL(file.replaceAll("\\", "/"), folder), "utf8").split(/^\/\/ name: /m);
    for (const section of sections) {
      const [name = "", ...lines] = section.split("\n");
      if (texts.has(name)) throw new Error(`cypher/${file}: duplicate name "${name}"`);
      const kept = lines.filter((line) => !line.trimStart().startsWith("//"));
      texts.set(name, kept.join("\n").trim());
    }
  }
  return texts;
}

const texts = readTexts();

/** Replaces each mark `/*name*\/` by its value. */
function fillMarks(text: string, marks: Record<string, string>): string {
  return Object.entries(marks).reduce((filled, [mark, value]) => filled.replaceAll(`/*${mark}*/`, () => value), text);
}

/** `/*use tags-of n=v*\/` stands for the text named `tags-of` with its mark `/*n*\/` replaced by `v`. */
function expandUses(text: string): string {
  return text.replace(/\/\*use (\S+)((?: \w+=\S+)*)\*\//g, (_whole, name: string, marks: string) => {
    const pairs = marks
      .trim()
      .split(" ")
      .filter(Boolean)
      .map((pair) => pair.split("="));
    return fillMarks(cypherText(name), Object.fromEntries(pairs));
  });
}

const expanded = new Map<string, string>();

/** The statement or fragment of this name, with the fragments that it uses in place. Throws when cypher/ has none of that name. */
export function cypherText(name: string): string {
  const known = expanded.get(name);
  if (known !== undefined) return known;
  const text = texts.get(name);
  if (text === undefined) throw new Error(`cypher/ has no statement named "${name}"`);
  const result = expandUses(text);
  expanded.set(name, result);
  return result;
}

/** The text of this name with each mark `/*like this*\/` replaced. Marks are filled by code only: what a caller gave is always a parameter. */
export function fillTemplate(name: string, marks: Record<string, string>): string {
  return fillMarks(cypherText(name), marks);
}

/** The statements that create indexes and constraints on one engine, from `cypher/schema/<engine>.cypher`. */
export function schemaStatements(engine: string): string[] {
  return readFileSync(new URL(`schema/${engine}.cypher`, folder), "utf8")
    .replaceAll(/^\/\/.*$/gm, "")
    .split(";")
    .map((text) => text.trim())
    .filter(Boolean);
}
