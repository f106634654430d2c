import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, inject, it } from "vitest";
import type { GraphQLResponse } from "../../src/client/client.ts";
import { overNeo4j, type ServiceProcess, startProcess } from "../support/process.ts";
import { seeded } from "../support/seeded.ts";
import { freshProject } from "../support/service.ts";
import { type Moved, staging, stagingOf } from "./calls.ts";

const kills = 3;
const versions = 6;
const promoters = 8;

/** The response, or null when the service went away before it. */
async function answered<T>(asked: Promise<GraphQLResponse<T>>): Promise<GraphQLResponse<T> | null> {
  try {
    return await asked;
  } catch (error) {
    // The connection broke: fetch throws a TypeError, a truncated body a SyntaxError.
    if (error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Promotes one version after another through all services, each time expecting the holder just read; `seen` collects the holders. */
function startPromoting(services: ServiceProcess[], project: string) {
  const seen = { promotions: new Set<string>(), conflicts: 0, crowds: new Set<string>() };
  let over = false;
  const insist = async (work: (service: ServiceProcess) => Promise<unknown>, first: number): Promise<void> => {
    for (let turn = first; !over; turn++) {
      const service = services[turn % services.length];
      if (service) await work(service);
    }
  };
  const promote = async (service: ServiceProcess, by: number): Promise<void> => {
    const query = "query ($ref: VersionRef!) { version(ref: $ref) { id number } }";
    const read = await answered(
      service.ask<{ version: { id: string; number: number } }>(query, { ref: `${project}/m:production` }),
    );
    if (!read) return;
    const { id, number } = read.data.version;
    const other = ((number + (by % (versions - 1))) % versions) + 1;
    const input = { version: `${project}/m:${other}`, stage: "production", expectedCurrent: id };
    const answer = await answered(service.ask<{ promote: Moved }>(staging.promote, { input }));
    const code = answer?.errors?.[0]?.extensions.code;
    if (code === "CONFLICT") seen.conflicts += 1;
    else if (code) throw new Error(JSON.stringify(answer?.errors));
    else if (answer) seen.promotions.add(answer.data.promote.promotion?.id ?? "");
  };
  /** Reads who holds the stage: one version at every moment. */
  const look = async (service: ServiceProcess): Promise<void> => {
    const query = "query ($project: String!) { stages(project: $project) { name holders { version { id } } } }";
    type Stages = { stages: { name: string; holders: object[] }[] };
    const answer = await answered(service.ask<Stages>(query, { project }));
    const held = answer?.data.stages.find(({ name }) => name === "production")?.holders;
    if (answer && held?.length !== 1) seen.crowds.add(JSON.stringify(answer));
  };
  const working = Promise.all([
    ...Array.from({ length: promoters }, (_, i) => insist((service) => promote(service, i), i)),
    insist(look, 0),
    insist(look, 1),
  ]);
  working.catch(() => undefined);
  return {
    seen,
    working,
    end: async () => {
      over = true;
      await working;
    },
  };
}

/** The history of production by its entries and by the events, oldest first. */
async function histories(service: ServiceProcess, project: string) {
  const query = `query ($project: String!, $after: Cursor) {
    events(filter: { project: { eq: $project }, type: { eq: VERSION_PROMOTED } }, after: $after, first: 500) {
      nodes { promotion { id } version { id } previous { id } stage } pageInfo { hasNextPage endCursor } } }`;
  type ReceivedEvent = { promotion: { id: string }; version: { id: string }; previous: { id: string } | null };
  type Page = { events: { nodes: ReceivedEvent[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
  const fromEvents: ReceivedEvent[] = [];
  const read = async (after: string | null): Promise<void> => {
    const { nodes, pageInfo } = (await service.data<Page>(query, { project, after })).events;
    fromEvents.push(...nodes);
    if (pageInfo.hasNextPage) await read(pageInfo.endCursor);
  };
  await read(null);
  const calls = stagingOf(service);
  const { artifact } = await calls.history(`${project}/m:1`, { first: 500 });
  expect(artifact.pageInfo.hasNextPage).toBe(false);
  const line = (id: string, version: { id: string }, previous: { id: string } | null) => ({
    ...{ id, version: version.id, previous: previous?.id ?? null },
  });
  return {
    fromHistory: artifact.nodes.map(({ id, version, previous }) => line(id, version, previous)).reverse(),
    fromEvents: fromEvents.map(({ promotion, version, previous }) => line(promotion.id, version, previous)),
  };
}

describe.skipIf(!inject("neo4j"))("an exclusive stage over two services and one Neo4j", () => {
  it("an exclusive stage has one holder at every moment while one of two services is killed, and its history matches the events", async () => {
    const random = seeded(6);
    const services = await Promise.all([startProcess(overNeo4j()), startProcess(overNeo4j())]);
    const [steady, mortal] = services;
    const project = freshProject();
    for (let i = 0; i < versions; i++) {
      await steady.data("mutation ($input: LogVersionInput!) { logVersion(input: $input) { created } }", {
        input: { project, name: "m" },
      });
    }
    await stagingOf(steady).promote(`${project}/m:1`, "production");
    const { seen, working, end } = startPromoting(services, project);
    const promoted = (more: number) => {
      const until = seen.promotions.size + more;
      return Promise.race([
        working,
        expect.poll(() => seen.promotions.size, { timeout: 60_000 }).toBeGreaterThanOrEqual(until),
      ]);
    };
    for (let i = 0; i < kills; i++) {
      await promoted(1 + Math.trunc(random() * 10));
      await delay(random() * 30);
      await mortal.end("SIGKILL");
      await promoted(5);
      await mortal.start();
    }
    await end();
    expect([...seen.crowds]).toEqual([]);
    expect(seen.conflicts).toBeGreaterThan(0);
    const { fromHistory, fromEvents } = await histories(steady, project);
    expect(fromEvents).toEqual(fromHistory);
    const versionsHeld = fromHistory.map(({ version }) => version);
    expect(fromHistory.map(({ previous }) => previous)).toEqual([null, ...versionsHeld.slice(0, -1)]);
    const ids = new Set(fromHistory.map(({ id }) => id));
    expect(ids.size).toBe(fromHistory.length);
    expect([...seen.promotions].filter((id) => !ids.has(id))).toEqual([]);
  }, 120_000);
});
