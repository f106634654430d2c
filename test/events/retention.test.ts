import { afterAll, beforeAll, expect, inject, it, onTestFinished } from "vitest";
import { neo4jStore } from "../../src/adapters/neo4j/graph-store.ts";
import { trimEvents } from "../../src/domain/events/retention.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { follow } from "../support/events.ts";
import { type Neo4jAddress, type Server, startNeo4j } from "../support/servers.ts";
import { describeEach, engines, freshProject, only, startTestService, type TestService } from "../support/service.ts";

interface Page {
  events: {
    nodes: { seq: number; cursor: string; version: { number: number } | null }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}
const page = `query ($after: Cursor, $filter: EventFilter) {
  events(after: $after, filter: $filter, first: 500) { nodes { seq cursor version { number } } pageInfo { hasNextPage endCursor } }
}`;
function cursorOf(seq: number) {
  return Buffer.from(`seq:${seq}`).toString("base64url");
}

const means = inject("means");
/** A database has one event log, which other suites need whole: this suite trims that of a separate Neo4j. */
let neo4j: Server<Neo4jAddress>;
beforeAll(async () => {
  if (means !== "none") neo4j = await startNeo4j(means, "brief");
}, 120_000);
afterAll(async () => neo4j?.close());
const both = engines.map((engine) =>
  engine.name === "grafeo" ? engine : { ...engine, missing: means === "none", open: () => neo4jStore(neo4j.address) },
);

describeEach(
  both,
  ({ name }) => `the retention of events on ${name}`,
  (engine) => {
    let service: TestService;
    let graph: GraphStore;
    let now = Date.now();
    const deps = () => ({ graph, newId: () => "trimmer", now: () => now });
    const log = (project: string) =>
      service.data("mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }", {
        input: { project, name: "m" },
      });
    const head = async () => (await service.data<{ head: string }>("{ head }")).head;
    const events = async (variables: object = {}) => (await service.data<Page>(page, variables)).events;
    beforeAll(async () => {
      graph = await engine.open();
      service = await startTestService(engine, {}, { graph, now: () => now });
    });
    afterAll(() => service?.close());

    it("PEDIGREE_EVENT_RETENTION sets how long events are kept", async () => {
      const project = freshProject();
      const filter = { project: { eq: project } };
      await log(project);
      expect((await events({ filter })).nodes).toHaveLength(1);
      const forgetful = { ...graph, close: async () => undefined };
      const own = await startTestService(
        engine,
        { PEDIGREE_EVENT_RETENTION: "1s" },
        { graph: forgetful, jobs: only("trim-events") },
      );
      onTestFinished(() => own.close());
      await expect.poll(async () => (await events({ filter })).nodes, { timeout: 10_000 }).toEqual([]);
    });

    it("recent events are kept, older cursors are EXPIRED, and numbering continues", async () => {
      const project = freshProject();
      const filter = { project: { eq: project } };
      const start = await head();
      for (let i = 0; i < 5; i++) await log(project);
      const old = await events({ after: start, filter });
      now += 10_000;
      for (let i = 0; i < 5; i++) await log(project);
      const young = await events({ after: old.pageInfo.endCursor, filter });
      expect(await trimEvents(deps(), 20_000)).toBe(0);
      expect(await events({ after: start, filter })).toMatchObject({ nodes: [...old.nodes, ...young.nodes] });
      const trimmed = await Promise.all([trimEvents(deps(), 5_000), trimEvents(deps(), 5_000)]);
      expect(trimmed[0] + trimmed[1]).toBeGreaterThanOrEqual(5);
      expect((await events({ filter })).nodes).toEqual(young.nodes);
      expect((await events({ after: old.nodes.at(-1)?.cursor, filter })).nodes).toEqual(young.nodes);
      for (const { cursor } of old.nodes.slice(0, -1)) {
        expect(await service.refusal(page, { after: cursor })).toMatchObject({ code: "EXPIRED" });
      }
      const late = await follow(service.url, { project, after: old.nodes[0]?.cursor ?? "" })
        .next()
        .catch((e) => e);
      expect(late).toMatchObject({ code: "EXPIRED" });
      const delivered = await follow(service.url, { project, after: old.nodes.at(-1)?.cursor ?? "" }).take(5);
      expect(delivered.map(({ seq }) => seq)).toEqual(young.nodes.map(({ seq }) => seq));
    });

    it("an event log that was trimmed completely keeps its head and its next number", async () => {
      const project = freshProject();
      await log(project);
      const before = await head();
      const last = (await events({ after: null })).nodes.at(-1)?.seq ?? 0;
      expect(before).toBe(cursorOf(last));
      now += 10_000;
      expect(await trimEvents(deps(), 1_000)).toBeGreaterThan(0);
      expect(await events()).toMatchObject({ nodes: [] });
      expect(await head()).toBe(before);
      expect(await service.refusal(page, { after: cursorOf(0) })).toMatchObject({ code: "EXPIRED" });
      expect((await events({ after: before })).nodes).toEqual([]);
      const stream = follow(service.url, { project, after: before });
      await log(project);
      expect((await stream.next()).seq).toBe(last + 1);
    });

    it("the event log is trimmed in batches while it is written and read", async () => {
      const project = freshProject();
      const after = await head();
      const reading = follow(service.url, { project, after }).take(1_250);
      const outputs = Array.from({ length: 250 }, () => ({ name: "m" }));
      const publish = "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { id } } }";
      for (let i = 0; i < 5; i++) await service.data(publish, { input: { project, outputs } });
      const delivered = await reading;
      expect(delivered.map(({ version }) => version?.number)).toEqual(Array.from({ length: 1_250 }, (_, i) => i + 1));
      now += 10_000;
      const writing = Promise.all(Array.from({ length: 10 }, () => log(project)));
      expect(await trimEvents(deps(), 5_000)).toBeGreaterThanOrEqual(1_250);
      await writing;
      const left = await events({ filter: { project: { eq: project } } });
      expect(left.nodes.map(({ version }) => version?.number)).toEqual(Array.from({ length: 10 }, (_, i) => 1_251 + i));
    });
  },
);
