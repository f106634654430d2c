import { readFileSync } from "node:fs";

/** The values that a statement's parameters and rows are made of; whole numbers reach the engine as integers. */
export type Value = null | undefined | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/** The parameters of a statement, by name. */
export type Params = { readonly [name: string]: Value };

/** A typed name for one Cypher file: what it takes (`P`) and what each of its rows holds (`R`). */
export interface Statement<P, R> {
  readonly name: string;
  readonly text: string;
  /** Only carries the types; never set. */
  readonly types?: (params: P) => R;
}

const folder = new URL("../../cypher/", import.meta.url);

/** The text of `cypher/<name>.cypher`. Throws at start-up when there is no such file. */
function cypherText(name: string): string {
  return readFileSync(new URL(`${name}.cypher`, folder), "utf8").trim();
}

const templates = new Map<string, string>();

/** The text of `cypher/<name>.cypher` with each mark `/*like this*\/` replaced by its value; what a caller gave is never a value, but a parameter. */
export function fillTemplate(name: string, marks: Record<string, string>): string {
  const text = templates.get(name) ?? cypherText(name);
  templates.set(name, text);
  return Object.entries(marks).reduce((filled, [mark, value]) => filled.replaceAll(`/*${mark}*/`, () => value), text);
}

/** Declares the statement of `cypher/<name>.cypher`, beside the domain function that uses it. */
export function statement<P extends Params, R>(name: string): Statement<P, R> {
  return { name, text: cypherText(name) };
}

/** The statements of a schema step, without comments: `cypher/schema/<engine>.cypher`. */
export function schemaStatements(engine: string): string[] {
  return cypherText(`schema/${engine}`)
    .replaceAll(/^\/\/.*$/gm, "")
    .split(";")
    .map((text) => text.trim())
    .filter(Boolean);
}
