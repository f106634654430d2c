import * as v from "valibot";
import { groupBy } from "../../lib/group-by.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import { type AsOf, asOfParam, describeAbsence, withAsOf } from "../core/as-of.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, notFound } from "../core/errors.ts";
import { type Actor, authorize, may, readableProjects } from "../core/permissions.ts";
import { getState, type VersionRow, versionRow } from "../core/version-row.ts";
import { artifactKey, printUri, type ResolvableReference } from "../core/version-uri.ts";
import { parseReference } from "./parse-reference.ts";

/** A reference as the caller wrote it, and the input field that it was given in. */
export interface ReferenceInput {
  text: string;
  field: string;
}

type Run = Transaction["run"];

/** A version that the reference with this key matches. */
interface Match {
  key: string;
  version: VersionRow;
}
const matchRow = { key: v.string(), version: versionRow };
const projectsParam = v.nullable(v.array(v.string()));

/** One reference for the statement that resolves all forms but ids, prefixes and `@<run id>`: null for the forms that it does not have. */
const directReference = v.object({
  /** The key under which its matches are returned. */
  key: v.string(),
  projects: projectsParam,
  versionKey: v.nullable(v.string()),
  selectorKey: v.nullable(v.string()),
  pastSelectorKey: v.nullable(v.string()),
  pastArtifactKey: v.nullable(v.string()),
  pastStage: v.nullable(v.string()),
  latestOf: v.nullable(v.string()),
  digest: v.nullable(v.string()),
});
type DirectReference = v.InferOutput<typeof directReference>;

const resolveDirect = statement({
  name: "resolve-references",
  params: { references: v.array(directReference), asOf: asOfParam },
  row: {
    ...matchRow,
    /** Whether it was matched by the stage that it is in; a version name or alias takes precedence. */
    byStage: v.boolean(),
  },
});
const resolveIds = statement({
  name: "resolve-ids",
  params: { references: v.array(v.object({ key: v.string(), id: v.string() })), asOf: asOfParam },
  row: matchRow,
});
const resolvePrefixes = statement({
  name: "resolve-prefixes",
  params: {
    references: v.array(v.object({ key: v.string(), prefix: v.string(), projects: projectsParam })),
    asOf: asOfParam,
  },
  row: matchRow,
});

/** A version that a run or its steps produced, with the names and the stage that it has. */
const producedRow = v.object({
  ...matchRow,
  selectors: v.array(v.string()),
  stage: nullable(v.string()),
  /** Whether the selector is a version name or alias of the artifact, which takes precedence over a stage. */
  isName: v.boolean(),
});
const resolveInRuns = statement({
  name: "resolve-in-runs",
  params: {
    references: v.array(
      v.object({ key: v.string(), run: v.string(), artifactKey: v.string(), selectorKey: v.string() }),
    ),
    asOf: asOfParam,
  },
  row: producedRow.entries,
});

function toKey({ text, projects }: ResolvableReference): string {
  return JSON.stringify([text, projects]);
}

function toDirectReference(reference: ResolvableReference, asOf: AsOf): DirectReference {
  const { ref, projects } = reference;
  const unresolved = {
    key: toKey(reference),
    projects,
    versionKey: null,
    selectorKey: null,
    pastSelectorKey: null,
    pastArtifactKey: null,
    pastStage: null,
    latestOf: null,
    digest: null,
  };
  if (ref.form === "digest") return { ...unresolved, digest: ref.digest };
  if (ref.form !== "name") return unresolved;
  const key = artifactKey(ref.project, ref.name);
  if (/^\d+$/.test(ref.selector)) return { ...unresolved, versionKey: `${key}:${Number(ref.selector)}` };
  if (ref.selector === "latest") return { ...unresolved, latestOf: key };
  const selectorKey = `${key}:${ref.selector}`;
  const past = { pastSelectorKey: selectorKey, pastArtifactKey: key, pastStage: ref.selector };
  return { ...unresolved, selectorKey, ...(asOf !== null && past) };
}

async function findById(run: Run, all: ResolvableReference[], asOf: AsOf): Promise<Match[]> {
  const references = all.flatMap((reference) =>
    reference.ref.form === "id" ? [{ key: toKey(reference), id: reference.ref.id }] : [],
  );
  return references.length ? run(resolveIds, { references, asOf }) : [];
}

async function findDirect(run: Run, all: ResolvableReference[], asOf: AsOf): Promise<Match[]> {
  const direct = all.filter(({ ref }) => ref.form === "digest" || (ref.form === "name" && !ref.run));
  if (!direct.length) return [];
  const references = direct.map((reference) => toDirectReference(reference, asOf));
  const matches = await run(resolveDirect, { references, asOf });
  const named = new Set(matches.flatMap(({ key, byStage }) => (byStage ? [] : [key])));
  return matches.filter(({ key, byStage }) => !(byStage && named.has(key)));
}

async function findByPrefix(run: Run, all: ResolvableReference[], asOf: AsOf): Promise<Match[]> {
  const references = all.flatMap((reference) => {
    const { ref, projects } = reference;
    return ref.form === "prefix" ? [{ key: toKey(reference), prefix: ref.prefix, projects }] : [];
  });
  return references.length ? run(resolvePrefixes, { references, asOf }) : [];
}

function matchesSelector(
  selector: string,
  { version, selectors, stage, isName }: v.InferOutput<typeof producedRow>,
  asOf: AsOf,
): boolean {
  if (/^\d+$/.test(selector)) return version.number === Number(selector);
  if (getState(withAsOf(version, asOf)) !== "READY") return false;
  return selector === "latest" || selectors.includes(selector) || (stage === selector && !isName);
}

async function findInRuns(run: Run, all: ResolvableReference[], asOf: AsOf): Promise<Match[]> {
  const selectors = new Map<string, string>();
  const references = all.flatMap((reference) => {
    const { ref } = reference;
    if (ref.form !== "name" || !ref.run) return [];
    const key = toKey(reference);
    const artifact = artifactKey(ref.project, ref.name);
    selectors.set(key, ref.selector);
    return [{ key, run: ref.run, artifactKey: artifact, selectorKey: `${artifact}:${ref.selector}` }];
  });
  if (!references.length) return [];
  const produced = await run(resolveInRuns, { references, asOf });
  const matches = produced.filter((row) => matchesSelector(selectors.get(row.key) ?? "latest", row, asOf));
  // Rows come newest first: the first match of each reference is its newest.
  return matches.filter((row, i) => matches.findIndex((other) => other.key === row.key) === i);
}

/**
 * Finds the versions that references match, now or as of a time: one statement each for ids, prefixes and `@<run id>`, and one for all other
 * forms. Resolves with a function that returns the matches of a reference.
 */
export async function findCandidates(
  run: Run,
  references: ResolvableReference[],
  asOf: AsOf,
): Promise<(reference: ResolvableReference) => VersionRow[]> {
  const distinct = [...new Map(references.map((reference) => [toKey(reference), reference])).values()];
  const matches = await Promise.all(
    [findById, findDirect, findByPrefix, findInRuns].map((find) => find(run, distinct, asOf)),
  );
  const byKey = groupBy(matches.flat(), (match) => match.key);
  return (reference) => (byKey.get(toKey(reference)) ?? []).map(({ version }) => withAsOf(version, asOf));
}

type ParsedInput = ReferenceInput & ResolvableReference;

/** Parses a reference, to be resolved among the projects that the actor may read; `INVALID_INPUT` if it is malformed. */
export function toResolvable(actor: Actor, { text, field }: ReferenceInput): ParsedInput {
  return { text, field, ref: parseReference(text, field), projects: readableProjects(actor) };
}

function toUri(row: VersionRow): string {
  return printUri({ kind: row.kind, project: row.project, name: row.artifact, selector: row.number });
}

/** Selects the one candidate that a reference matches and the actor may read; `NOT_FOUND`, `AMBIGUOUS` or `FORBIDDEN` if there is not exactly one. */
export function selectMatch(
  actor: Actor,
  { text, field, ref }: ParsedInput,
  candidates: VersionRow[],
  asOf: AsOf,
): VersionRow {
  if (ref.form === "name") authorize(actor, "project:read", ref.project);
  const readable = candidates.filter((row) => may(actor, "project:read", row.project));
  const first = candidates[0];
  if (!readable.length && first) authorize(actor, "project:read", first.project);
  const [row, ...others] = readable.filter((item) => ref.form !== "name" || !ref.kind || ref.kind === item.kind);
  if (!row) throw notFound(`${field}: version ${text} ${describeAbsence(asOf)}`);
  if (!others.length) return row;
  const matching = [row, ...others].slice(0, 10).map((item) => `${item.id} ${toUri(item)}`);
  throw new DomainError("AMBIGUOUS", `${field}: ${text} matches several versions; use the id of one of them`, {
    candidates: matching,
  });
}

/**
 * Resolves references to versions, by the text of the reference, now or as of a time. A reference without a match is `NOT_FOUND`, one with
 * several `AMBIGUOUS`, a malformed one `INVALID_INPUT`, and one to a version that the actor may not read `FORBIDDEN`.
 */
export async function resolveReferences(
  run: Run,
  actor: Actor,
  inputs: ReferenceInput[],
  asOf: AsOf = null,
): Promise<Map<string, VersionRow>> {
  const references = inputs.map((input) => toResolvable(actor, input));
  const candidatesOf = await findCandidates(run, references, asOf);
  return new Map(
    references.map((reference) => [reference.text, selectMatch(actor, reference, candidatesOf(reference), asOf)]),
  );
}

/** Resolves the references in these fields of an input to versions, by field; fails as `resolveReferences` does. */
export async function resolveFields<F extends string>(
  { actor, ports }: RequestContext,
  references: Record<F, string>,
): Promise<Record<F, VersionRow>> {
  const inputs = Object.entries<string>(references).map(([field, text]) => ({ field, text }));
  const found = await resolveReferences(ports.graph.read, actor, inputs);
  const versions = inputs.map(({ field, text }) => [field, found.get(text)]);
  return Object.fromEntries(versions) as Record<F, VersionRow>; // resolveReferences found a version for each
}
