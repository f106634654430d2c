import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { describeEngines, type Engine, freshProject, startTestService, type TestService } from "../support/service.ts";
import { history, type Made, type Operation, perform } from "./as-of-operations.ts";
import { answers, type Question, questions } from "./as-of-snapshot.ts";

/** Histories per engine; a soak run sets more. */
function historiesOf(name: string): number {
  return Number(process.env.HISTORIES ?? (name === "grafeo" ? 6 : 2));
}
/** One in so many questions is asked at each moment, the next one at the next moment: Neo4j needs more time for each. */
function shareOf(name: string): number {
  return name === "grafeo" ? 1 : 3;
}
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** The time of the last event of these projects; nothing in them is later. */
async function lastEvent(store: GraphStore, projects: string[]): Promise<number> {
  const text = "MATCH (e:Event) WHERE e.project IN $projects RETURN max(e.at) AS at";
  return (
    (await store.read<{ projects: string[] }, { at: number }>({ name: "last-event", text }, { projects }))[0]?.at ?? 0
  );
}

async function start(engine: Engine) {
  const clock = { now: Date.parse("2026-01-31T12:00:00Z") };
  const store = await engine.open();
  const service = await startTestService(engine, {}, { graph: store, now: () => clock.now });
  return { clock, store, service, share: shareOf(engine.name) };
}

const createProject = "mutation ($name: String!) { createProject(input: { name: $name }) { project { id } } }";

/** Plays a history, keeps all answers after each successful call, and at the end asks again as of each of these moments. */
async function relive({ clock, store, service, share }: Awaited<ReturnType<typeof start>>, operations: Operation[]) {
  const made: Made = { projects: [freshProject(), freshProject()], versions: [], runs: [], steps: [] };
  const moments: { call: string; at: number; asked: Question[]; answered: unknown[] }[] = [];
  const codes: (string | null | undefined)[] = [];
  for (const name of made.projects) await service.data(createProject, { name });
  for (const operation of operations) {
    // Clocks of artifacts and runs run ahead by a few milliseconds at most.
    clock.now += 1_000;
    const code = await perform(service, made, operation);
    codes.push(code);
    if (code !== null) continue;
    const asked = questions(made).filter((_, i) => i % share === moments.length % share);
    const answered = await answers(service, asked, null);
    const at = (operation.picks[0] ?? 0) % 2 ? clock.now + 999 : await lastEvent(store, made.projects);
    moments.push({ call: JSON.stringify(operation), at, asked, answered });
  }
  clock.now += 1_000;
  for (const { call, at, asked, answered } of moments) {
    const repeated = await answers(service, asked, at);
    repeated.forEach((answer, i) => {
      expect(answer, `${JSON.stringify(asked[i]?.variables)} as of ${at}, after ${call}`).toEqual(answered[i]);
    });
  }
  return codes;
}

describeEngines("random histories as of a time", (engine) => {
  let started: Awaited<ReturnType<typeof start>>;
  let service: TestService;
  beforeAll(async () => {
    started = await start(engine);
    service = started.service;
  });
  afterAll(() => service?.close());

  const numRuns = historiesOf(engine.name);
  it(`a read as of a time repeats what was answered then (${numRuns} histories)`, {
    timeout: 60_000 + numRuns * 30_000,
  }, async () => {
    const done = new Set<string>();
    const property = fc.asyncProperty(history, async (operations) => {
      const codes = await relive(started, operations);
      codes.forEach((code, i) => {
        if (code === null) done.add(operations[i]?.verb ?? "");
        if (code === "INTERNAL") throw new Error(`${JSON.stringify(operations[i])} failed inside`);
      });
    });
    // Shrinking would play the history again and again, longer than a test may take; the seed reproduces it.
    await fc.assert(property, { numRuns, seed, endOnFailure: true, includeErrorInReport: true });
    if (numRuns > 3) expect(done.size).toBeGreaterThan(7);
    if (numRuns > 3) expect(done).toContain("promote");
  });
});
