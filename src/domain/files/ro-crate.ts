import { contentHash } from "../../lib/canonical-json.ts";
import type { Status } from "../../model/enums.ts";
import type { Recipe, RecipeStep } from "../../model/recipe.ts";
import type { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { toEntries } from "../core/metadata.ts";
import { type CrateFile, toVersionEntities } from "./ro-crate-data.ts";

type Entity = Record<string, unknown> & { "@id": string };
const filesOf = statement<{ ids: string[]; limit: number }, CrateFile>("find-recipe-files");

/** The most files that a crate lists; with more of them, none is listed and versions stand for their files. */
const mostFiles = 10_000;
const profile = "https://w3id.org/ro/wfrun/process/0.5";
const context = ["https://w3id.org/ro/crate/1.2/context", "https://w3id.org/ro/terms/workflow-run/context"];

function ref(id: string) {
  return { "@id": id };
}
function time(at: number | null | undefined): string | undefined {
  return at ? new Date(at).toISOString() : undefined;
}

/** What is unknown is left out. */
function known<T extends object>(entity: T): T {
  return Object.fromEntries(Object.entries(entity).filter(([, value]) => value !== undefined && value !== null)) as T;
}

const actionStatus: Record<Status, string> = {
  COMPLETED: "CompletedActionStatus",
  CACHED: "CompletedActionStatus",
  FAILED: "FailedActionStatus",
  CANCELED: "FailedActionStatus",
  RUNNING: "ActiveActionStatus",
  STALE: "ActiveActionStatus",
  QUEUED: "PotentialActionStatus",
  SKIPPED: "PotentialActionStatus",
};

function instrumentOf({ code, name }: RecipeStep): Entity {
  const { repository, commit, entryPoint } = code ?? {};
  if (!repository && !commit && !entryPoint)
    return {
      "@id": `#software/${contentHash(name).slice(0, 16)}`,
      "@type": "SoftwareApplication",
      name,
      description: "Its code was not recorded.",
    };
  return known({
    "@id": `#code/${contentHash(code).slice(0, 16)}`,
    "@type": "SoftwareSourceCode",
    name: entryPoint || repository || name,
    codeRepository: repository,
    version: commit,
  });
}

function textOf(value: unknown): string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : JSON.stringify(value);
}

/** The leaves of JSON as properties of their own. */
function propertyValues(id: string, json: unknown): Entity[] {
  const object = json && typeof json === "object" && !Array.isArray(json) ? json : json == null ? {} : { value: json };
  return leavesIn(object as Record<string, unknown>).map(({ key, value }, i) => ({
    "@id": `${id}/${i + 1}`,
    "@type": "PropertyValue",
    name: key,
    value: textOf(value),
  }));
}

/** An environment is free JSON, in which nothing need be tagged as metadata is: what can't be taken apart stays whole. */
function leavesIn(object: Record<string, unknown>): { key: string; value: unknown }[] {
  try {
    return toEntries(object);
  } catch {
    return Object.entries(object).map(([key, value]) => ({ key, value }));
  }
}

function agentOf(name: string): Entity {
  return { "@id": `#agent/${encodeURIComponent(name)}`, "@type": "Person", name };
}

/** The entities of one execution, the action first. */
function stepEntities(step: RecipeStep): Entity[] {
  const { execution, name, inputs, outputs } = step;
  const id = `#execution/${encodeURIComponent(execution.id)}`;
  const instrument = instrumentOf(step);
  const parameters = propertyValues(`${id}/parameter`, step.parameters);
  const environment = propertyValues(`${id}/environment`, step.environment);
  const agent = agentOf(execution.author);
  const refs = (entities: { "@id": string }[]) => [...new Set(entities.map((entity) => entity["@id"]))].map(ref);
  const versions = (slots: RecipeStep["inputs"]) => slots.map(({ version }) => ref(version.uri));
  const failed = actionStatus[execution.status] === "FailedActionStatus";
  const action = known({
    "@id": id,
    "@type": "CreateAction",
    name,
    identifier: execution.id,
    instrument: ref(instrument["@id"]),
    agent: ref(agent["@id"]),
    startTime: time(execution.startedAt),
    endTime: time(execution.endedAt),
    actionStatus: ref(`http://schema.org/${actionStatus[execution.status]}`),
    error: failed ? (execution.error ?? undefined) : undefined,
    object: [...refs(versions(inputs)), ...refs(parameters)],
    result: refs(versions(outputs)),
    environment: environment.length ? refs(environment) : undefined,
  });
  return [action, instrument, agent, ...parameters, ...environment];
}

function frame(recipe: Recipe, data: Entity[], actions: Entity[]): Entity[] {
  const { uri, createdAt } = recipe.version;
  const missing = recipe.complete ? "" : ` Missing: ${recipe.missing.join("; ")}.`;
  return [
    {
      "@id": "ro-crate-metadata.json",
      "@type": "CreativeWork",
      conformsTo: ref("https://w3id.org/ro/crate/1.2"),
      about: ref("./"),
    },
    {
      "@id": "./",
      "@type": "Dataset",
      conformsTo: ref(profile),
      name: `How ${uri} was made`,
      description: `The executions that it took to make ${uri}, with their code, parameters, inputs and outputs.${missing}`,
      datePublished: new Date(createdAt).toISOString(),
      license: ref("#license"),
      mainEntity: ref(uri),
      hasPart: data.map((entity) => ref(entity["@id"])),
      mentions: actions.map((entity) => ref(entity["@id"])),
    },
    { "@id": profile, "@type": "CreativeWork", name: "Process Run Crate", version: "0.5" },
    {
      "@id": "#license",
      "@type": "CreativeWork",
      name: "No license is recorded",
      description: "Ask whoever made the data.",
    },
  ];
}

function versionsOf({ version, steps }: Recipe): Version[] {
  const slots = steps.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  return [...new Map([version, ...slots.map((slot) => slot.version)].map((item) => [item.id, item])).values()];
}

/** A recipe as RO-Crate 1.2 JSON-LD in the terms of the Process Run Crate profile. One more statement, for the files. */
export async function findRoCrate({ graph }: Pick<Ports, "graph">, recipe: Recipe): Promise<Record<string, unknown>> {
  const versions = versionsOf(recipe);
  const files = await graph.read(filesOf, { ids: versions.map(({ id }) => id), limit: mostFiles + 1 });
  const data = toVersionEntities(versions, files.length > mostFiles ? [] : files);
  const executions = recipe.steps.map(stepEntities);
  const actions = executions.flatMap(([action]) => (action ? [action] : []));
  const all = [...frame(recipe, data, actions), ...data, ...executions.flat()];
  return { "@context": context, "@graph": [...new Map(all.map((entity) => [entity["@id"], entity])).values()] };
}
