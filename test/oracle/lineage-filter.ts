/** What a lineage filter sees of a node; conditions on versions don't apply to executions, and vice versa. */
export interface Traits {
  project: string;
  version?: { artifact: string; kind: string; tags: string[]; state: string; metadata: Record<string, number> };
  execution?: { status: string; pipeline: string };
}

type Bound = { eq?: unknown; in?: unknown[]; contains?: string; startsWith?: string; lt?: number; gte?: number };
type Verdict = boolean | null;

function fits(value: unknown, { eq, in: any, contains, startsWith, lt, gte }: Bound): boolean {
  return (
    (eq === undefined || value === eq) &&
    (any === undefined || any.includes(value)) &&
    (contains === undefined || String(value).includes(contains)) &&
    (startsWith === undefined || String(value).startsWith(startsWith)) &&
    (lt === undefined || (typeof value === "number" && value < lt)) &&
    (gte === undefined || (typeof value === "number" && value >= gte))
  );
}

function metadataFits(metadata: Record<string, number>, all: (Bound & { key: string })[]): boolean {
  return all.every(({ key, ...bound }) => key in metadata && fits(metadata[key], bound));
}

/** Whether one condition matches; null when it doesn't apply to the node. */
function verdict({ project, version, execution }: Traits, name: string, wanted: unknown): Verdict {
  const bound = wanted as Bound;
  if (name === "project") return fits(project, bound);
  if (name === "status" || name === "pipeline") return execution ? fits(execution[name], bound) : null;
  if (!version) return null;
  if (name === "tag") return version.tags.some((tag) => fits(tag, bound));
  if (name === "metadata") return metadataFits(version.metadata, wanted as (Bound & { key: string })[]);
  return fits(version[name as "artifact" | "kind" | "state"], bound);
}

function given(verdicts: Verdict[]): boolean[] {
  return verdicts.filter((item) => item !== null);
}
function all(verdicts: Verdict[]): Verdict {
  return given(verdicts).length ? given(verdicts).every(Boolean) : null;
}
function some(verdicts: Verdict[]): Verdict {
  if (!verdicts.length) return false;
  return given(verdicts).length ? given(verdicts).some(Boolean) : null;
}

/** Whether a filter matches a node: conditions that don't apply are ignored; null when none applies. */
export function judge(filter: object, thing: Traits): Verdict {
  return all(
    Object.entries(filter).map(([name, wanted]) => {
      if (name === "and") return all((wanted as object[]).map((item) => judge(item, thing)));
      if (name === "or") return some((wanted as object[]).map((item) => judge(item, thing)));
      if (name !== "not") return verdict(thing, name, wanted);
      const inner = judge(wanted as object, thing);
      return inner === null ? null : !inner;
    }),
  );
}
