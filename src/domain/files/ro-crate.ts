import * as v from "valibot";
import { contentHash } from "../../lib/canonical-json.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { Status } from "../../model/enums.ts";
import type { Recipe, RecipeStep } from "../../model/recipe.ts";
import type { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { toEntries } from "../core/metadata.ts";
import { type CrateEntity, toVersionEntities } from "./ro-crate-data.ts";
import { toTimestamp } from "./timestamp.ts";

const findFilesOfVersions = statement({
  name: "find-files-of-versions",
  params: { ids: v.array(v.string()), limit: v.number() },
  row: { version: v.string(), path: v.string(), digest: v.string(), size: v.number() },
});

/** Maximum number of files in a crate; with more, no files are listed and the versions represent them. */
const maxFiles = 10_000;
const profile = "https://w3id.org/ro/wfrun/process/0.5";
const jsonLdContext = ["https://w3id.org/ro/crate/1.2/context", "https://w3id.org/ro/terms/workflow-run/context"];

function toRef(id: string) {
  return { "@id": id };
}

/** The entity without its null and undefined properties. */
function omitUnknown({ "@id": id, ...properties }: CrateEntity): CrateEntity {
  return { "@id": id, ...Object.fromEntries(Object.entries(properties).filter(([, value]) => isGiven(value))) };
}

const actionStatuses: Record<Status, string> = {
  COMPLETED: "CompletedActionStatus",
  CACHED: "CompletedActionStatus",
  FAILED: "FailedActionStatus",
  CANCELED: "FailedActionStatus",
  RUNNING: "ActiveActionStatus",
  STALE: "ActiveActionStatus",
  QUEUED: "PotentialActionStatus",
  SKIPPED: "PotentialActionStatus",
};

/** The software that an execution ran. */
function toInstrument({ code, name }: RecipeStep): CrateEntity {
  const { repository, commit, entryPoint } = code ?? {};
  if (!repository && !commit && !entryPoint) {
    return {
      "@id": `#software/${contentHash(name).slice(0, 16)}`,
      "@type": "SoftwareApplication",
      name,
      description: "Its code was not recorded.",
    };
  }
  return omitUnknown({
    "@id": `#code/${contentHash(code).slice(0, 16)}`,
    "@type": "SoftwareSourceCode",
    name: entryPoint || repository || name,
    codeRepository: repository,
    version: commit,
  });
}

function toPropertyValue(value: unknown): string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : JSON.stringify(value);
}

/** JSON as an object; a value that isn't one becomes its property `value`. */
function toObject(json: unknown): Record<string, unknown> {
  if (json === null || json === undefined) return {};
  return typeof json === "object" && !Array.isArray(json) ? Object.fromEntries(Object.entries(json)) : { value: json };
}

/** The leaves of JSON as keys and values. An environment may be JSON that isn't valid metadata: then only its top level is split. */
function toLeaves(json: unknown): { key: string; value: unknown }[] {
  const object = toObject(json);
  try {
    return toEntries(object);
  } catch {
    return Object.entries(object).map(([key, value]) => ({ key, value }));
  }
}

/** An entity for each leaf of JSON; their ids start with `id`. */
function toPropertyValues(id: string, json: unknown): CrateEntity[] {
  return toLeaves(json).map(({ key, value }, i) => ({
    "@id": `${id}/${i + 1}`,
    "@type": "PropertyValue",
    name: key,
    value: toPropertyValue(value),
  }));
}

function toAgent(name: string): CrateEntity {
  return { "@id": `#agent/${encodeURIComponent(name)}`, "@type": "Person", name };
}

/** The entities of an execution, the action first. */
function toStepEntities(step: RecipeStep): CrateEntity[] {
  const { execution, name, inputs, outputs } = step;
  const id = `#execution/${encodeURIComponent(execution.id)}`;
  const instrument = toInstrument(step);
  const parameters = toPropertyValues(`${id}/parameter`, step.parameters);
  const environment = toPropertyValues(`${id}/environment`, step.environment);
  const agent = toAgent(execution.author);
  const toRefs = (entities: { "@id": string }[]) => [...new Set(entities.map((entity) => entity["@id"]))].map(toRef);
  const toVersionRefs = (slots: RecipeStep["inputs"]) => toRefs(slots.map(({ version }) => toRef(version.uri)));
  const actionStatus = actionStatuses[execution.status];
  const action = omitUnknown({
    "@id": id,
    "@type": "CreateAction",
    name,
    identifier: execution.id,
    instrument: toRef(instrument["@id"]),
    agent: toRef(agent["@id"]),
    startTime: toTimestamp(execution.startedAt),
    endTime: toTimestamp(execution.endedAt),
    actionStatus: toRef(`http://schema.org/${actionStatus}`),
    error: actionStatus === "FailedActionStatus" ? execution.error : null,
    object: [...toVersionRefs(inputs), ...toRefs(parameters)],
    result: toVersionRefs(outputs),
    environment: environment.length ? toRefs(environment) : null,
  });
  return [action, instrument, agent, ...parameters, ...environment];
}

/** The entities that describe the crate itself. */
function toCrateEntities(recipe: Recipe, data: CrateEntity[], actions: CrateEntity[]): CrateEntity[] {
  const { uri, createdAt } = recipe.version;
  const missing = recipe.complete ? "" : ` Missing: ${recipe.missing.join("; ")}.`;
  return [
    {
      "@id": "ro-crate-metadata.json",
      "@type": "CreativeWork",
      conformsTo: toRef("https://w3id.org/ro/crate/1.2"),
      about: toRef("./"),
    },
    {
      "@id": "./",
      "@type": "Dataset",
      conformsTo: toRef(profile),
      name: `How ${uri} was made`,
      description: `The executions that it took to make ${uri}, with their code, parameters, inputs and outputs.${missing}`,
      datePublished: new Date(createdAt).toISOString(),
      license: toRef("#license"),
      mainEntity: toRef(uri),
      hasPart: data.map((entity) => toRef(entity["@id"])),
      mentions: actions.map((entity) => toRef(entity["@id"])),
    },
    { "@id": profile, "@type": "CreativeWork", name: "Process Run Crate", version: "0.5" },
    {
      "@id": "#license",
      "@type": "CreativeWork",
      name: "No license is recorded",
      description: "Ask the author of the data for a license.",
    },
  ];
}

function collectVersions({ version, steps }: Recipe): Version[] {
  const slots = steps.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  return [...new Map([version, ...slots.map((slot) => slot.version)].map((item) => [item.id, item])).values()];
}

/** A recipe as RO-Crate 1.2 JSON-LD in terms of the Process Run Crate profile. Runs one more statement, for the files. */
export async function findRoCrate({ graph }: Pick<Ports, "graph">, recipe: Recipe): Promise<Record<string, unknown>> {
  const versions = collectVersions(recipe);
  const ids = versions.map(({ id }) => id);
  const files = await graph.read(findFilesOfVersions, { ids, limit: maxFiles + 1 });
  const data = toVersionEntities(versions, files.length > maxFiles ? [] : files);
  const steps = recipe.steps.map(toStepEntities);
  const actions = steps.flatMap(([action]) => (action ? [action] : []));
  const all = [...toCrateEntities(recipe, data, actions), ...data, ...steps.flat()];
  return { "@context": jsonLdContext, "@graph": [...new Map(all.map((entity) => [entity["@id"], entity])).values()] };
}
