import { readFileSync } from "node:fs";
import jsonld, { type NodeObject } from "jsonld";

const namespace = "https://w3id.org/ro/terms/workflow-run#";
const workflowRunTerms =
  "ParameterConnection ContainerImage DockerImage SIFImage connection sourceParameter targetParameter md5 sha1 sha256 sha512 environment registry tag containerImage resourceUsage";

const contexts: Record<string, NodeObject> = {
  "https://w3id.org/ro/crate/1.2/context": JSON.parse(
    readFileSync(new URL("contexts/ro-crate-1.2.jsonld", import.meta.url), "utf8"),
  ) as NodeObject,
  "https://w3id.org/ro/terms/workflow-run/context": {
    "@context": Object.fromEntries(workflowRunTerms.split(" ").map((term) => [term, namespace + term])),
  },
};

/** Reads the published contexts from this folder, and nothing from the network. */
async function documentLoader(url: string) {
  const document = contexts[url];
  if (!document) throw new Error(`a context that isn't kept here: ${url}`);
  return { document, documentUrl: url };
}

/** An expanded JSON-LD entity: names of properties and types are IRIs. */
export interface Expanded {
  "@id": string;
  "@type"?: string[];
  [property: string]: { "@id"?: string; "@value"?: unknown }[] | string[] | string | undefined;
}

/** The values of an entity's property, by its IRI. */
export function valuesOf(entity: Expanded | undefined, property: string): { "@id"?: string; "@value"?: unknown }[] {
  const values = entity?.[property];
  return Array.isArray(values) ? values.flatMap((value) => (typeof value === "string" ? [] : [value])) : [];
}

/** Properties that lead outside of a crate. */
const outward = /conformsTo$|actionStatus$/;

function linksOf(entity: Expanded): string[] {
  return Object.keys(entity)
    .filter((property) => !outward.test(property))
    .flatMap((property) => valuesOf(entity, property))
    .flatMap((value) => value["@id"] ?? []);
}

/** The entities of a crate; rejects when a term is not defined by its contexts, or a link leads nowhere. */
export async function expandCrate(crate: object): Promise<Map<string, Expanded>> {
  const options = { documentLoader, safe: true, base: "https://crate.example/" };
  const expanded = (await jsonld.expand(crate as NodeObject, options)) as unknown as Expanded[];
  const entities = new Map(expanded.map((entity) => [entity["@id"], entity]));
  const lost = expanded.flatMap(linksOf).filter((id) => !entities.has(id));
  if (lost.length) throw new Error(`these aren't in the crate: ${lost.join(", ")}`);
  return entities;
}
