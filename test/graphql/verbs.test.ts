import { readdirSync, readFileSync } from "node:fs";
import { buildSchema } from "graphql";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);

function filesIn(folder: string, end: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(end));
}

function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

function toFileName(verb: string): string {
  return verb.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function capitalized(verb: string): string {
  return `${verb[0]?.toUpperCase()}${verb.slice(1)}`;
}

/** The names that the domain function of a verb may have. Its file is named the same, in lower case with `-`. */
function functionNames(type: "Query" | "Mutation", verb: string): string[] {
  return type === "Query" ? [verb, `find${capitalized(verb)}`, `list${capitalized(verb)}`] : [verb];
}

/** A domain function in the file of its name. */
interface DomainFunction {
  name: string;
  path: string;
}

const domainFiles = filesIn("src/domain", ".ts");

/** The functions of these names that the domain file of the same name exports. */
function domainFunctions(names: string[]): DomainFunction[] {
  return names.flatMap((name) =>
    domainFiles
      .filter((path) => path.split("/").at(-1) === `${toFileName(name)}.ts`)
      .filter((path) => new RegExp(`^export (async )?function ${name}\\b`, "m").test(read(`src/domain/${path}`)))
      .map((path) => ({ name, path })),
  );
}

/** A resolver's method for a query or mutation: its text, and the file that it is in. */
interface Method {
  text: string;
  file: string;
}

/** The methods of all resolvers by type and verb, such as `Query.version`. A method ends at the first line `  }`. */
function resolverMethods(): Map<string, Method> {
  const methods = filesIn("src/graphql", ".resolver.ts").flatMap((path) => {
    const file = read(`src/graphql/${path}`);
    const blocks = [...file.matchAll(/^ {2}@(Query|Mutation)\(.*?^ {2}\}$/gms)];
    return blocks.map(([text, type]): [string, Method] => {
      const verb = /^ {2}(?:async )?(\w+)\(/m.exec(text)?.[1];
      return [`${type}.${verb}`, { text, file }];
    });
  });
  return new Map(methods);
}

const schema = buildSchema(read("schema.graphql"));
const queries = Object.keys(schema.getQueryType()?.getFields() ?? {}).map((verb) => ["Query", verb] as const);
const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {}).map((verb) => ["Mutation", verb] as const);

describe("the verbs of the schema", () => {
  const methods = resolverMethods();

  it("are the methods of the resolvers", () => {
    const verbs = [...queries, ...mutations].map(([type, verb]) => `${type}.${verb}`);
    expect(verbs.length).toBeGreaterThan(40);
    expect([...methods.keys()].sort()).toEqual(verbs.sort());
  });

  it.each([...queries, ...mutations])("%s.%s leads to one domain function in the file of its name", (type, verb) => {
    const names = functionNames(type, verb);
    const functions = domainFunctions(names);
    expect(functions, `exports of ${names.map(toFileName).join(".ts, ")}.ts in src/domain`).toHaveLength(1);
    const [{ name, path } = { name: "", path: "" }] = functions;
    const { text = "", file = "" } = methods.get(`${type}.${verb}`) ?? {};
    expect(text).toMatch(new RegExp(`\\b${name}\\(context\\b`));
    expect(file).toMatch(new RegExp(`^import \\{[^}]*\\b${name}\\b[^}]*\\} from "\\.\\./domain/${path}"`, "m"));
  });

  it("a verb without a domain file has no domain function", () => {
    expect(domainFunctions(functionNames("Query", "nothing"))).toEqual([]);
    expect(domainFunctions(functionNames("Mutation", "version")), "a mutation has no prefix").toEqual([]);
  });
});
