import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { newProject, newWorld } from "../oracle/state.ts";
import { freshSalt, seededIds } from "../support/ids.ts";
import { inspectAll } from "../support/inspect.ts";
import { logEnd } from "../support/inspect-events.ts";
import { type Given, type Player, play } from "../support/play.ts";
import { history, type Intent } from "../support/requests.ts";
import { describeEngines, engines, freshProject, startTestService } from "../support/service.ts";

/** Histories per engine; Neo4j runs fewer because it plans every filter again. A soak run sets HISTORIES; SEED and SEED_PATH repeat one history. */
function historiesOf(name: string): number {
  return Number(process.env.HISTORIES ?? (name === "grafeo" ? 180 : 20));
}
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const path = process.env.SEED_PATH;

/** A number determined by a text. */
function hashOf(text: string): number {
  return createHash("sha256").update(text).digest().readInt32BE();
}

/** A service whose ids and clock the test controls. */
async function startPlayer(engine: (typeof engines)[number]) {
  const clock = { now: Date.parse("2026-01-31T12:00:00Z") };
  const [first, salt] = ["start", freshSalt()];
  let current = seededIds(first, salt);
  const store: GraphStore = await engine.open();
  const parts = { graph: store, newId: () => current.newId(), now: () => clock.now };
  const service = await startTestService(engine, {}, parts);
  const player = (ids: Player["ids"]): Player => {
    current = ids;
    return { service, clock, ids };
  };
  return { service, store, player };
}

/** Plays one history in fresh projects and compares everything it leaves with the oracle model. */
async function live(engine: Awaited<ReturnType<typeof startPlayer>>, intents: (Intent | null)[]): Promise<Given[]> {
  const after = await logEnd(engine.store);
  const base = freshProject();
  const projects = [`${base}-a`, `${base}-B.1`, `${base}-c`];
  const world = newWorld();
  // The order of the ids follows the history, so that it runs the same way when repeated, although the ids are new.
  const player = engine.player(seededIds(JSON.stringify(intents), freshSalt()));
  player.clock.now += 60_000;
  world.now = player.clock.now;
  const digests: string[] = [];
  const external = `sha256:${createHash("sha256").update(base).digest("hex")}`;
  for (const [i, project] of projects.slice(0, 2).entries()) {
    world.projects.set(project, newProject(world.now));
    const sizes = new Map<string, number>();
    world.blobs.set(project, sizes);
    for (const part of ["a", "bb", "ccc"].slice(0, 3 - i)) {
      const bytes = `${base} ${part}`;
      const digest = await player.service.put(project, bytes);
      sizes.set(digest, bytes.length);
      if (!digests.includes(digest)) digests.push(digest);
    }
  }
  const calls: string[] = [];
  try {
    const answers = await play(player, world, { projects, digests, external }, intents, (call) => calls.push(call));
    await inspectAll(player.service, engine.store, world, projects, { after, seed: hashOf(JSON.stringify(intents)) });
    return answers;
  } catch (error) {
    throw new Error(`${String(error)}\nafter these calls:\n${calls.join("\n")}`, { cause: error });
  }
}

/** Outcomes that occur in this many histories. */
const commonOutcomes = [
  ...["CONFLICT", "INVALID_INPUT", "NOT_FOUND", "done"].map((code) => `logVersion ${code}`),
  ...["GONE", "INVALID_INPUT", "NOT_FOUND", "done"].map((code) => `updateVersion ${code}`),
  ...["CONFLICT", "GONE", "NOT_FOUND", "done"].map((code) => `setAlias ${code}`),
  ...["IN_USE", "GONE", "NOT_FOUND", "done"].map((code) => `deleteVersion ${code}`),
  ...["IN_USE", "NOT_FOUND", "done"].map((code) => `deleteArtifact ${code}`),
  ...["IMMUTABLE", "NOT_FOUND", "done"].map((code) => `removeAlias ${code}`),
  ...["publishRun done", "recordLineage done", "startStep ILLEGAL_TRANSITION", "endExecution done", "prune done"],
  ...["updateArtifact done", "updateProject done", "updateExecution done"],
];

describeEngines("random histories", (engine) => {
  const numRuns = historiesOf(engine.name);
  let started: Awaited<ReturnType<typeof startPlayer>>;
  beforeAll(async () => {
    started = await startPlayer(engine);
  });
  afterAll(() => started?.service.close());

  it(`random histories get the answers of the oracle model (${numRuns} histories of 30 or 100 calls)`, {
    timeout: 90_000 + numRuns * 20_000,
  }, async () => {
    let played = 0;
    const outcomes = new Set<string>();
    const property = fc.asyncProperty(history, async (intents) => {
      for (const { verb, code } of await live(started, intents)) outcomes.add(`${verb} ${code ?? "done"}`);
      played++;
    });
    const limits = { interruptAfterTimeLimit: 60_000 + numRuns * 20_000, markInterruptAsFailure: true };
    await fc.assert(property, {
      numRuns,
      seed,
      ...(path && { path }),
      ...limits,
      includeErrorInReport: true,
      endOnFailure: process.env.SHRINK === "no",
    });
    expect(played).toBeGreaterThanOrEqual(path ? 1 : numRuns);
    if (numRuns >= 50 && !path) expect([...outcomes]).toEqual(expect.arrayContaining(commonOutcomes));
  });
});
