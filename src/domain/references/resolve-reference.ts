import { groupBy } from "../../lib/group-by.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import { type AsOf, describeAbsence, withAsOf } from "../core/as-of.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, notFound } from "../core/errors.ts";
import { type Actor, authorize, may, readableProjects } from "../core/permissions.ts";
import { getState, type VersionRow } from "../core/version-row.ts";
import { artifactKey, printUri, type ResolvableReference } from "../core/version-uri.ts";
import { parseReference } from "./parse-reference.ts";

/** A reference as it was given, and the input field that it stood in. */
export interface ReferenceInput {
  text: string;
  field: string;
}

type Match = { key: string; version: VersionRow };

/** `staged`: by the stage that it is in, which a version name or alias goes before. */
type Direct = Match & { staged: boolean };

interface Lookup {
  [name: string]: string | string[] | null;
  /** Under what its answer comes back. */
  key: string;
  projects: string[] | null;
  versionKey: string | null;
  selectorKey: string | null;
  pastKey: string | null;
  pastOf: string | null;
  pastStage: string | null;
  latestOf: string | null;
  digest: string | null;
}

const direct = statement<{ references: Lookup[]; asOf: AsOf }, Direct>("resolve-references");

const byId = statement<{ references: { key: string; id: string }[]; asOf: AsOf }, Match>("resolve-ids");

const byPrefix = statement<
  { references: { key: string; prefix: string; projects: string[] | null }[]; asOf: AsOf },
  Match
>("resolve-prefix");

type Made = Match & { selectors: string[]; stage: string | null; named: boolean };

const inRun = statement<
  { references: { key: string; run: string; artifactKey: string; selectorKey: string }[]; asOf: AsOf },
  Made
>("resolve-in-run");

const noLookup = {
  ...{ versionKey: null, selectorKey: null, latestOf: null, digest: null },
  ...{ pastKey: null, pastOf: null, pastStage: null },
};

function keyOf({ text, projects }: ResolvableReference): string {
  return JSON.stringify([text, projects]);
}

function lookup(sought: ResolvableReference, asOf: AsOf): Lookup {
  const { ref, projects } = sought;
  const none = { ...noLookup, key: keyOf(sought), projects };
  if (ref.form === "digest") return { ...none, digest: ref.digest };
  if (ref.form !== "name") return none;
  const key = artifactKey(ref.project, ref.name);
  if (/^\d+$/.test(ref.selector)) return { ...none, versionKey: `${key}:${Number(ref.selector)}` };
  if (ref.selector === "latest") return { ...none, latestOf: key };
  const selectorKey = `${key}:${ref.selector}`;
  const past = { pastKey: selectorKey, pastOf: key, pastStage: ref.selector };
  return { ...none, selectorKey, ...(asOf !== null && past) };
}

function fitsSelector(selector: string, { version, selectors, stage, named }: Made): boolean {
  if (/^\d+$/.test(selector)) return version.number === Number(selector);
  if (getState(version) !== "READY") return false;
  return selector === "latest" || selectors.includes(selector) || (stage === selector && !named);
}

type Run = Transaction["run"];

async function findByIds(run: Run, all: ResolvableReference[], asOf: AsOf): Promise<Match[]> {
  const references = all.flatMap((sought) => {
    const { ref } = sought;
    return ref.form === "id" ? [{ key: keyOf(sought), id: ref.id }] : [];
  });
  return references.length ? run(byId, { references, asOf }) : [];
}

async function findDirect(run: Run, all: ResolvableReference[], asOf: AsOf): Promise<Match[]> {
  const asked = all.filter(({ ref }) => ref.form === "digest" || (ref.form === "name" && !ref.run));
  if (!asked.length) return [];
  const found = await run(direct, { references: asked.map((sought) => lookup(sought, asOf)), asOf });
  const named = new Set(found.flatMap(({ key, staged }) => (staged ? [] : [key])));
  return found.filter(({ key, staged }) => !(staged && named.has(key)));
}

async function findByPrefix(run: Run, all: ResolvableReference[], asOf: AsOf): Promise<Match[]> {
  const references = all.flatMap((sought) => {
    const { ref, projects } = sought;
    return ref.form === "prefix" ? [{ key: keyOf(sought), prefix: ref.prefix, projects }] : [];
  });
  return references.length ? run(byPrefix, { references, asOf }) : [];
}

async function findInRun(run: Run, all: ResolvableReference[], asOf: AsOf): Promise<Match[]> {
  const selectors = new Map<string, string>();
  const references = all.flatMap((sought) => {
    const { ref } = sought;
    if (ref.form !== "name" || !ref.run) return [];
    const key = keyOf(sought);
    const artifact = artifactKey(ref.project, ref.name);
    selectors.set(key, ref.selector);
    return [{ key, run: ref.run, artifactKey: artifact, selectorKey: `${artifact}:${ref.selector}` }];
  });
  if (!references.length) return [];
  const found = (await run(inRun, { references, asOf })).map((row) => ({
    ...row,
    version: withAsOf(row.version, asOf),
  }));
  const fitting = found.filter((row) => fitsSelector(selectors.get(row.key) ?? "latest", row));
  return fitting.filter((row, i) => fitting.findIndex((other) => other.key === row.key) === i);
}

/**
 * Looks for what references may mean, now or as of a time: a statement each for ids, prefixes and `@<run id>`, and one for all other forms.
 * Resolves with what gives each one's candidates.
 */
export async function findCandidates(
  run: Run,
  all: ResolvableReference[],
  asOf: AsOf,
): Promise<(sought: ResolvableReference) => VersionRow[]> {
  const distinct = [...new Map(all.map((sought) => [keyOf(sought), sought])).values()];
  const found = await Promise.all(
    [findByIds, findDirect, findByPrefix, findInRun].map((find) => find(run, distinct, asOf)),
  );
  const candidates = groupBy(found.flat(), (row) => row.key);
  return (sought) => (candidates.get(keyOf(sought)) ?? []).map((row) => withAsOf(row.version, asOf));
}

function toUri(row: VersionRow): string {
  return printUri({ kind: row.kind, project: row.project, name: row.artifact, selector: row.number });
}

type Parsed = ReferenceInput & ResolvableReference;

export function toResolvable(actor: Actor, { text, field }: ReferenceInput): Parsed {
  return { text, field, ref: parseReference(text, field), projects: readableProjects(actor) };
}

export function selectMatch(
  actor: Actor,
  { text, field, ref }: Parsed,
  candidates: VersionRow[],
  asOf: AsOf,
): VersionRow {
  if (ref.form === "name") authorize(actor, "project:read", ref.project);
  const permitted = candidates.filter((row) => may(actor, "project:read", row.project));
  const first = candidates[0];
  if (!permitted.length && first) authorize(actor, "project:read", first.project);
  const [row, ...others] = permitted.filter((item) => ref.form !== "name" || !ref.kind || ref.kind === item.kind);
  if (!row) throw notFound(`${field}: version ${text} ${describeAbsence(asOf)}`);
  if (!others.length) return row;
  const names = [row, ...others].slice(0, 10).map((item) => `${item.id} ${toUri(item)}`);
  throw new DomainError("AMBIGUOUS", `${field}: ${text} names several versions; say which`, { candidates: names });
}

/**
 * The versions that references name, by reference, now or as of a time. Unknown: `NOT_FOUND`; several: `AMBIGUOUS`; malformed: `INVALID_INPUT`;
 * not the actor's to read: `FORBIDDEN`.
 */
export async function resolveReferences(
  run: Run,
  actor: Actor,
  asked: ReferenceInput[],
  asOf: AsOf = null,
): Promise<Map<string, VersionRow>> {
  const parsed = asked.map((item) => toResolvable(actor, item));
  const candidatesOf = await findCandidates(run, parsed, asOf);
  return new Map(parsed.map((item) => [item.text, selectMatch(actor, item, candidatesOf(item), asOf)]));
}

/** The versions that the fields of an input name, by field; refused as `resolveReferences` does. */
export async function resolveFields<F extends string>(
  { actor, ports }: RequestContext,
  references: Record<F, string>,
): Promise<Record<F, VersionRow>> {
  const asked = Object.entries<string>(references).map(([field, text]) => ({ field, text }));
  const found = await resolveReferences(ports.graph.read, actor, asked);
  const rowOf = ({ field, text }: ReferenceInput): VersionRow => {
    const row = found.get(text);
    if (!row) throw notFound(`${field}: version ${text} does not exist`);
    return row;
  };
  return Object.fromEntries(asked.map((item) => [item.field, rowOf(item)])) as Record<F, VersionRow>;
}
