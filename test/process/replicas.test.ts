import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { type ServiceProcess, startProcess } from "../support/process.ts";
import { seeded } from "../support/seeded.ts";
import { type Neo4jAddress, type Server, startNeo4j } from "../support/servers.ts";
import { freshProject } from "../support/service.ts";
import { type Heard, heardFields, type Subscriber, subscriber, type Transport } from "../support/subscriber.ts";
import { newDiary, startWriters, type Writers } from "../support/writers.ts";

const means = inject("means");
const kills = 4;
/** Milliseconds allowed after a kill or a restart on a busy machine. */
const inTime = { timeout: 60_000 };

let graph: Server<Neo4jAddress>;
beforeAll(async () => {
  if (means !== "none") graph = await startNeo4j(means, "brief");
}, 120_000);
afterAll(async () => graph?.close());

function replica(more: Record<string, string> = {}) {
  return startProcess({ LOG_LEVEL: "error", PEDIGREE_GRAPH: graph.address.uri, ...more });
}

const everything = `subscription ($project: String!, $after: Cursor) {
  events(filter: { project: { eq: $project } }, after: $after) { ${heardFields} }
}`;
const ofOne = `subscription ($project: String!, $after: Cursor) {
  versionLogged(project: $project, artifact: "m0", after: $after) { ${heardFields} }
}`;
function isOfOne({ type, artifact }: Heard) {
  return type === "VERSION_LOGGED" && artifact?.name === "m0";
}

interface Page {
  events: { nodes: Heard[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}
const page = `query ($project: String!, $after: Cursor) {
  events(filter: { project: { eq: $project } }, after: $after, first: 500) {
    nodes { ${heardFields} } pageInfo { hasNextPage endCursor }
  }
}`;
async function logOf(service: ServiceProcess, project: string, start: string): Promise<Heard[]> {
  const log: Heard[] = [];
  for (let [after, more] = [start, true]; more; ) {
    const { nodes, pageInfo } = (await service.data<Page>(page, { project, after })).events;
    log.push(...nodes);
    [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
  }
  return log;
}
async function headOf(service: ServiceProcess) {
  return (await service.data<{ head: string }>("{ head }")).head;
}

/** On each replica and transport: a subscriber to everything and one to a single artifact. */
function subscribers(services: ServiceProcess[], project: string, start: string) {
  return services.flatMap((_, first) =>
    (["websocket", "sse"] satisfies Transport[]).flatMap((transport) =>
      [
        { query: everything, fits: () => true },
        { query: ofOne, fits: isOfOne },
      ].map(({ query, fits }) => {
        const urls = [...services.slice(first), ...services.slice(0, first)].map(({ url }) => url);
        const follower = subscriber(transport, urls, { query, variables: { project } }, start);
        onTestFinished(() => follower.end());
        return { follower, fits };
      }),
    ),
  );
}

/** Waits until the writers have `count` more acknowledged writes. */
async function acknowledged(writers: Writers, more: number): Promise<void> {
  const until = writers.done() + more;
  await Promise.race([writers.running, expect.poll(writers.done, inTime).toBeGreaterThanOrEqual(until)]);
}

/** Kills one replica at a random but seeded moment and starts it again; other subscribers reconnect at seeded moments. */
async function killOne(service: ServiceProcess, writers: Writers, followers: Subscriber[], random: () => number) {
  await acknowledged(writers, 1 + Math.trunc(random() * 100));
  await delay(random() * 50);
  await service.end("SIGKILL");
  await acknowledged(writers, 30);
  await service.start();
  await followers[Math.trunc(random() * followers.length)]?.cut();
}

/** Waits until each subscriber gets an event, so that all have reconnected. */
async function following(followers: Subscriber[]): Promise<void> {
  const before = followers.map(({ heard }) => heard.length);
  for (const [i, { heard, running }] of followers.entries())
    await Promise.race([running, expect.poll(() => heard.length, inTime).toBeGreaterThan(before[i] ?? 0)]);
}

/** Restarts the graph. No subscriber loses its connection by that. */
async function restartGraph(writers: Writers, followers: Subscriber[]): Promise<void> {
  await following(followers);
  const before = followers.map(({ breaks }) => breaks());
  await graph.kill();
  await graph.start();
  await acknowledged(writers, 50);
  expect(followers.map(({ breaks }) => breaks())).toEqual(before);
}

/** Expects the versions of each artifact in order without gaps, and every acknowledged one among them. */
function checkLog(log: Heard[], acknowledged: Set<string>): void {
  const logged = log.filter(({ type }) => type === "VERSION_LOGGED");
  const numbers = new Map<string, (number | undefined)[]>();
  for (const { artifact, version } of logged) {
    numbers.set(artifact?.name ?? "", [...(numbers.get(artifact?.name ?? "") ?? []), version?.number]);
  }
  for (const list of numbers.values()) expect(list).toEqual(list.map((_, i) => i + 1));
  const ids = new Set(logged.map(({ version }) => version?.id));
  expect(ids.size).toBe(logged.length);
  expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([]);
  expect(log.map(({ seq }) => seq)).toEqual([...new Set(log.map(({ seq }) => seq))].sort((a, b) => a - b));
}

describe.skipIf(means === "none")("two replicas over one Neo4j", () => {
  it("subscribers of two replicas get exactly the log while both are written to, are killed, and the graph restarts", async () => {
    const random = seeded(64);
    const services = await Promise.all([replica(), replica()]);
    const [one, other] = services;
    const project = freshProject();
    const start = await headOf(one);
    const subscribed = subscribers(services, project, start);
    const followers = subscribed.map(({ follower }) => follower);
    const diary = newDiary(project);
    const writers = startWriters(services, diary, 64);
    onTestFinished(writers.end);
    for (let i = 0; i < kills; i++) await killOne(i % 2 ? other : one, writers, followers, random);
    await restartGraph(writers, followers);
    await writers.end();
    // The last event, which every subscriber waits for.
    await other.data("mutation ($input: LogVersionInput!) { logVersion(input: $input) { created } }", {
      input: { project, name: "m0" },
    });
    const log = await logOf(one, project, start);
    checkLog(log, diary.versions);
    for (const { follower, fits } of subscribed) {
      const wanted = log.filter(fits);
      await Promise.race([
        follower.running,
        expect.poll(() => follower.heard.at(-1)?.seq, inTime).toBe(log.at(-1)?.seq),
      ]);
      expect(follower.heard).toEqual(wanted);
    }
    expect(followers.reduce((sum, { breaks }) => sum + breaks(), 0)).toBeGreaterThanOrEqual(kills);
    expect(diary.versions.size).toBeGreaterThan(200);
  }, 300_000);
});
