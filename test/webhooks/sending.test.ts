import { Webhook as Verifier } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { type ReceivedEvent, receiver } from "../support/receiver.ts";
import {
  describeEngines,
  engines,
  freshProject,
  only,
  startTestService,
  type TestService,
} from "../support/service.ts";

const jobs = only("deliver-webhooks");
const minute = 60_000;
const hour = 60 * minute;

function names(received: ReceivedEvent[]): string[] {
  return received.map(
    ({ body }) => (JSON.parse(body) as { data: { artifact: string } }).data.artifact.split("/")[1] ?? "",
  );
}

type Hook = { id: string; url: string; types: string[]; enabled: boolean };
type Delivery = {
  id: string;
  attempts: number;
  status: number | null;
  error: string | null;
  deliveredAt: string | null;
  nextAttemptAt: string | null;
  event: { type: string; cursor: string; artifact: { name: string } };
};
const hookFields = "id url types enabled";
const create = `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { secret webhook { ${hookFields} } } }`;
const update = `mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { webhook { ${hookFields} } } }`;
const remove = "mutation ($input: IdInput!) { deleteWebhook(input: $input) { id } }";
const redeliver = "mutation ($input: IdInput!) { redeliver(input: $input) { id } }";
const list = `query ($project: String!) { webhooks(project: $project) { ${hookFields}
  deliveries { totalCount nodes { id attempts status error deliveredAt nextAttemptAt event { type cursor artifact { name } } } } } }`;
const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { created } }";

describeEngines("webhook deliveries", (engine) => {
  let service: TestService;
  let graph: GraphStore;
  let ahead = 0;
  beforeAll(async () => {
    graph = await engine.open();
    const now = () => Date.now() + ahead;
    const env = { PEDIGREE_WEBHOOK_ALLOW: "127.0.0.0/8, 203.0.113.0/24" };
    service = await startTestService(engine, env, { graph, now, jobs });
  });
  afterAll(() => service.close());

  const project = async () => {
    const name = freshProject();
    await service.data("mutation ($n: String!) { createProject(input: { name: $n }) { project { id } } }", {
      n: name,
    });
    return name;
  };
  const hook = async (input: object) =>
    (await service.data<{ createWebhook: { secret: string; webhook: Hook } }>(create, { input })).createWebhook;
  const log = (name: string, artifact: string) =>
    service.data(logVersion, { input: { project: name, name: artifact } });
  const look = async (name: string) => {
    type Answer = { webhooks: (Hook & { deliveries: { totalCount: number; nodes: Delivery[] } })[] };
    const [first] = (await service.data<Answer>(list, { project: name })).webhooks;
    if (!first) throw new Error("no webhook");
    return { ...first, deliveries: first.deliveries.nodes, count: first.deliveries.totalCount };
  };
  const until = { timeout: 15_000, interval: 20 };

  it("a webhook sends the events of its filter, signed, in order, and lists its deliveries", async () => {
    const name = await project();
    const { url, received } = await receiver();
    const { webhook, secret } = await hook({ project: name, url, types: ["VERSION_LOGGED"] });
    expect(webhook).toMatchObject({ url, types: ["VERSION_LOGGED"], enabled: true });
    expect(secret).toMatch(/^whsec_/);
    for (const artifact of ["a", "b", "c"]) await log(name, artifact);
    await log(freshProject(), "of-another");
    await service.data("mutation ($i: UpdateProjectInput!) { updateProject(input: $i) { project { id } } }", {
      i: { name, description: "not asked for" },
    });
    await log(name, "d");
    await expect.poll(() => names(received), until).toEqual(["a", "b", "c", "d"]);
    const verifier = new Verifier(secret);
    for (const { headers, body } of received) {
      const event = verifier.verify(body, headers as Record<string, string>) as { type: string; data: object };
      expect(event).toMatchObject({ type: "VERSION_LOGGED", data: { project: name, actor: expect.any(String) } });
      // Fields that do not apply to an event are left out, not null.
      expect(Object.keys(event.data).sort().join(" ")).toBe(
        "actor artifact at cursor kind number project seq tags version",
      );
    }
    await expect.poll(async () => (await look(name)).count, until).toBe(4);
    const { deliveries } = await look(name);
    expect(deliveries.map(({ event }) => event.artifact.name)).toEqual(["d", "c", "b", "a"]);
    expect(deliveries[0]).toMatchObject({ attempts: 1, status: 204, error: null, nextAttemptAt: null });
    expect(deliveries[0]?.deliveredAt).not.toBeNull();
    expect(deliveries.map(({ id }) => id)).toEqual(received.map(({ headers }) => headers["webhook-id"]).reverse());
    const other = new Verifier(`whsec_${Buffer.alloc(32, 1).toString("base64")}`);
    expect(() => other.verify(received[0]?.body ?? "", received[0]?.headers as Record<string, string>)).toThrow();
  });

  it("receivers that never answer do not hold up those of other projects", async () => {
    const [silent, other] = [await project(), await project()];
    const never = await receiver(() => new Promise<number>(() => undefined));
    const { url, received } = await receiver();
    for (let i = 0; i < 20; i++) await hook({ project: silent, url: `${never.url}?${i}` });
    await log(silent, "a");
    await expect.poll(() => never.received.length, until).toBe(8);
    await hook({ project: other, url });
    await log(other, "b");
    // Less than the time that a receiver has to answer.
    await expect.poll(() => names(received), { timeout: 10_000, interval: 20 }).toEqual(["b"]);
    expect(never.received).toHaveLength(8);
  });

  it("a webhook repeats a failed delivery with growing pauses, and sends nothing later before it", async () => {
    const name = await project();
    const { url, received } = await receiver((_received, count) => (count <= 3 ? 500 : 200));
    await hook({ project: name, url });
    await log(name, "a");
    await log(name, "b");
    for (const [count, pause] of [
      [1, 5_000],
      [2, 30_000],
      [3, 5 * minute],
    ] as const) {
      await expect.poll(async () => (await look(name)).deliveries[0]?.attempts, until).toBe(count);
      const [delivery] = (await look(name)).deliveries;
      expect(delivery).toMatchObject({ status: 500, error: "the receiver answered 500", deliveredAt: null });
      const wait = Date.parse(delivery?.nextAttemptAt ?? "") - (Date.now() + ahead);
      expect(wait).toBeGreaterThan(pause - 5_000);
      expect(wait).toBeLessThanOrEqual(pause);
      ahead += pause;
    }
    // There are no run events, because each version was logged without a run.
    await expect.poll(() => names(received), until).toEqual(["a", "a", "a", "a", "b"]);
    expect(new Set(received.slice(0, 4).map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  it("a webhook that fails for more than a day is disabled visibly, and delivers what it missed once enabled again", async () => {
    const name = await project();
    let well = false;
    const { url, received } = await receiver(() => (well ? 200 : 503));
    const { webhook } = await hook({ project: name, url });
    await log(name, "a");
    const start = ahead;
    for (let attempts = 1; attempts <= 9; attempts++) {
      await expect.poll(async () => (await look(name)).deliveries[0]?.attempts, until).toBe(attempts);
      ahead += 10 * hour;
    }
    await expect.poll(async () => (await look(name)).enabled, until).toBe(false);
    expect(ahead - start).toBeGreaterThan(24 * hour);
    expect((await look(name)).deliveries[0]).toMatchObject({ status: 503, nextAttemptAt: null, deliveredAt: null });
    await log(name, "b");
    well = true;
    received.length = 0;
    await service.data(update, { input: { id: webhook.id, enabled: true } });
    await expect.poll(() => names(received), until).toEqual(["a", "b"]);
  });

  it.each([
    [302, true, "the receiver answered 302; redirects are not followed"],
    [410, false, "the receiver answered 410"],
  ])("a webhook treats the response status %i correctly", async (status, enabled, error) => {
    const name = await project();
    const { url, received } = await receiver(() => status);
    await hook({ project: name, url });
    await log(name, "a");
    await expect.poll(async () => (await look(name)).deliveries[0], until).toMatchObject({ status, error });
    await expect.poll(async () => (await look(name)).enabled, until).toBe(enabled);
    expect(received).toHaveLength(1);
  });

  it("a slow webhook delays no other", async () => {
    const name = await project();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = await receiver(() => held.then(() => 200));
    const quick = await receiver();
    await hook({ project: name, url: slow.url });
    await hook({ project: name, url: quick.url });
    await log(name, "a");
    await expect.poll(() => names(slow.received), until).toEqual(["a"]);
    await log(name, "b");
    await expect.poll(() => names(quick.received), until).toEqual(["a", "b"]);
    expect(names(slow.received)).toEqual(["a"]);
    release();
    await expect.poll(() => names(slow.received), until).toEqual(["a", "b"]);
  });

  it("a delivery can be sent again, and a webhook changed and deleted", async () => {
    const name = await project();
    const { url, received } = await receiver((_received, count) => (count === 2 ? 500 : 200));
    const { webhook } = await hook({ project: name, url });
    await log(name, "a");
    await expect.poll(async () => (await look(name)).deliveries[0]?.deliveredAt, until).toEqual(expect.any(String));
    const id = (await look(name)).deliveries[0]?.id;
    expect(await service.data(redeliver, { input: { id } })).toEqual({ redeliver: { id } });
    expect((await look(name)).deliveries[0]).toMatchObject({ id, attempts: 2, status: 500 });
    await service.data(redeliver, { input: { id } });
    expect((await look(name)).deliveries[0]).toMatchObject({ id, attempts: 3, status: 200, error: null });
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([id, id, id]);
    const other = await receiver();
    const input = { id: webhook.id, url: other.url, types: ["VERSION_LOGGED"] };
    expect(await service.data(update, { input })).toEqual({
      updateWebhook: { webhook: { ...input, enabled: true } },
    });
    await log(name, "b");
    await expect.poll(() => names(other.received), until).toEqual(["b"]);
    expect(await service.data(remove, { input: { id: webhook.id } })).toEqual({ deleteWebhook: { id: webhook.id } });
    expect(await service.data(list, { project: name })).toEqual({ webhooks: [] });
    expect(await service.refusal(redeliver, { input: { id } })).toMatchObject({ code: "NOT_FOUND" });
    expect(await service.refusal(update, { input })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("a webhook checks its address when it connects, not only at its creation", async () => {
    const name = await project();
    const { port, received } = await receiver();
    const { webhook } = await hook({ project: name, url: "http://203.0.113.1/" });
    const move = (url: string) =>
      graph.write((tx) =>
        tx.run(
          { name: "move", text: "MATCH (w:Entity {id: $id}) SET w.url = $url, w.nextAt = 0 RETURN w.id AS id" },
          { id: webhook.id, url },
        ),
      );
    for (const url of [`http://[::1]:${port}/`, "http://169.254.169.254/"]) {
      await move(url);
      await log(name, "a");
      await expect
        .poll(async () => (await look(name)).deliveries[0]?.error, until)
        .toBe(
          `${new URL(url).hostname.replace(/[[\]]/g, "")} is a private address; webhooks may go there only if PEDIGREE_WEBHOOK_ALLOW includes its network`,
        );
    }
    expect(received).toEqual([]);
  });
});

describe("creating a webhook", () => {
  let service: TestService;
  let project = "";
  beforeAll(async () => {
    service = await startTestService(engines[0], { PEDIGREE_WEBHOOK_ALLOW: "203.0.113.0/24" });
    project = freshProject();
    await service.data("mutation ($n: String!) { createProject(input: { name: $n }) { project { id } } }", {
      n: project,
    });
  });
  afterAll(() => service.close());

  it.each([
    "http://127.0.0.1/",
    "http://localhost:8080/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://10.1.2.3/",
    "http://192.168.0.1/",
    "http://[fd00::1]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://[fec0::1]/",
    "http://198.51.100.1/",
    "http://0.0.0.0/",
    "https://nobody.invalid/",
    "https://user:secret@203.0.113.1/",
    "ftp://203.0.113.1/",
    "file:///etc/passwd",
    "not a url",
    `https://203.0.113.1/${"x".repeat(2_100)}`,
  ])("a webhook for %s is refused", async (url) => {
    expect(await service.refusal(create, { input: { project, url } })).toMatchObject({
      code: "INVALID_INPUT",
      field: "url",
    });
  });

  it.each(["whsec_short", "secret", `whsec_${Buffer.alloc(65).toString("base64")}`])(
    "a webhook with the secret %s is refused",
    async (secret) => {
      const input = { project, url: "http://203.0.113.1/", secret };
      expect(await service.refusal(create, { input })).toMatchObject({ code: "INVALID_INPUT", field: "secret" });
    },
  );

  it("a webhook requires a project", async () => {
    const input = { project: freshProject(), url: "http://203.0.113.1/" };
    expect(await service.refusal(create, { input })).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe.skipIf(engines[1].missing)("webhooks of two replicas", () => {
  it("a webhook of two replicas gets each event once, in order", async () => {
    const env = { PEDIGREE_WEBHOOK_ALLOW: "127.0.0.1/32" };
    const start = () => startTestService(engines[1], env, { jobs });
    const replicas = await Promise.all([start(), start()]);
    onTestFinished(async () => void (await Promise.all(replicas.map((replica) => replica.close()))));
    const [first] = replicas as [TestService, TestService];
    const name = freshProject();
    await first.data("mutation ($n: String!) { createProject(input: { name: $n }) { project { id } } }", { n: name });
    const { url, received } = await receiver();
    await first.data(create, { input: { project: name, url } });
    const wanted = Array.from({ length: 30 }, (_, i) => i);
    await Promise.all(
      wanted.map((i) => replicas[i % 2]?.data(logVersion, { input: { project: name, name: "same", metadata: { i } } })),
    );
    await expect.poll(() => received.length, { timeout: 60_000 }).toBe(30);
    const seqs = received.map(({ body }) => (JSON.parse(body) as { data: { seq: number } }).data.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(seqs).size).toBe(30);
  }, 90_000);
});
