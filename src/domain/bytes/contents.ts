import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Deps } from "../deps.ts";
import { Refusal } from "../errors.ts";
import { fillPrefix, usualPrefix } from "../projects.ts";
import { type Content, startMeasuring } from "./digest.ts";
import { chargeBytes, checkSize } from "./quotas.ts";

const recordBlobs = statement<{ contents: Value; now: number }, { key: string; created: boolean }>("record-blobs");

/** Where the contents of a project go. */
interface Place {
  /** Whether the project is there at all, which it then stays. */
  isThere: boolean;
  prefix: string;
  /** A key below the prefix, for a new content. */
  newKey: () => string;
}

/** Where the contents of a project go: below its own prefix, or the usual one. */
export const findPlace = async (deps: Deps, project: string): Promise<Place> => {
  const known = await deps.lookups.projects(project);
  const prefix = fillPrefix(known?.settings.storagePrefix ?? usualPrefix, project);
  return { isThere: Boolean(known), prefix, newKey: () => `${prefix}${deps.newId()}` };
};

/** Passes bytes on while measuring them, up to what is allowed. */
const measured = (deps: Deps) => {
  const measuring = startMeasuring();
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        checkSize(deps, measuring.add(chunk));
      } catch (error) {
        return done(error as Refusal);
      }
      done(null, chunk);
    },
  });
  return { through, result: measuring.end };
};

/** Writes bytes to the store under `key` when their turn comes, hashing them on the way. `size` where their sender says it. */
export const writeContent = (deps: Deps, key: string, source: Readable, size?: number): Promise<Content> =>
  deps.writing(async () => {
    const { through, result } = measured(deps);
    const outcomes = await Promise.allSettled([pipeline(source, through), deps.blobs.write(key, through, size)]);
    const [sent, stored] = outcomes;
    // A refusal of ours comes before what the store makes of the broken stream; a store that failed before what that did to the source.
    const refused = outcomes.find((outcome) => outcome.status === "rejected" && outcome.reason instanceof Refusal);
    for (const outcome of [refused, stored, sent]) if (outcome?.status === "rejected") throw outcome.reason;
    return { key, ...result() };
  });

/**
 * Records what of a project is in the store, one blob for each content, within the project's quota (`TOO_LARGE`). Gives the keys that are in use
 * from now on; the others' contents the project has already.
 */
export const recordContents = async (
  deps: Pick<Deps, "now" | "newId" | "counted" | "settings">,
  run: Transaction["run"],
  project: string,
  contents: Content[],
): Promise<Set<string>> => {
  const distinct = new Map([...contents].reverse().map((content) => [content.digest, content]));
  const rows = [...distinct.values()]
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    .map((content) => ({ ...content, project, id: `${project}/${content.digest}` }));
  if (!rows.length) return new Set();
  const recorded = await run(recordBlobs, { contents: rows, now: deps.now() });
  const used = new Set(recorded.filter(({ created }) => created).map(({ key }) => key));
  const gained = rows.reduce((sum, { key, size }) => sum + (used.has(key) ? size : 0), 0);
  if (used.size) await chargeBytes(deps, run, project, gained);
  return used;
};
