import { expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { receiver } from "../support/receiver.ts";
import { describeEngines, freshProject, only } from "../support/service.ts";

const fields = "id url types enabled";
const create = `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { secret webhook { ${fields} } } }`;
const update = `mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { webhook { ${fields} } } }`;
const remove = "mutation ($input: IdInput!) { deleteWebhook(input: $input) { id } }";
const redeliver = "mutation ($input: IdInput!) { redeliver(input: $input) { id } }";
const delivery = "id event { seq type } attempts status error deliveredAt nextAttemptAt";
const list = `query ($project: String!, $first: Int, $after: String, $last: Int, $before: String) {
  webhooks(project: $project) { ${fields} deliveries(first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { ${delivery} } edges { cursor node { ${delivery} } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;
const node = `query ($id: ID!) { node(id: $id) { ... on Webhook { ${fields} } } }`;

type Delivery = { id: string; status: number | null; error: string | null; event: { seq: number } };
type Hook = { id: string; deliveries: { totalCount: number; nodes: Delivery[]; pageInfo: { endCursor: string } } };

/** Deliveries are tested in sending.test.ts; here each field of the schema occurs once. */
describeEngines("webhooks", (engine) => {
  const api = useApi(engine, { jobs: only("deliver-webhooks") });
  const { open } = api.projects;
  const look = async (args: object) => {
    const [hook] = (await api.data<{ webhooks: Hook[] }>(list, args)).webhooks;
    if (!hook) throw new Error("no webhook");
    return hook.deliveries;
  };

  it("webhooks are created, changed, listed for maintainers, and deleted", async () => {
    const project = freshProject();
    await api.log({ project, name: "first" });
    const { url } = await receiver((_told, count) => (count === 1 ? 500 : 200));
    const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
    const input = { project, url, types: ["VERSION_LOGGED"], secret };
    type Made = { createWebhook: { secret: string; webhook: { id: string } } };
    const made = (await api.data<Made>(create, { input })).createWebhook;
    const { id } = made.webhook;
    expect(made).toEqual({ secret, webhook: { id, url, types: ["VERSION_LOGGED"], enabled: true } });
    expect(await api.data(node, { id })).toEqual({ node: made.webhook });
    await api.log({ project, name: "a" });
    await api.log({ project, name: "b" });
    await expect
      .poll(async () => (await look({ project })).nodes[0]?.error, { timeout: 10_000 })
      .toBe("the receiver answered 500");
    const failed = (await look({ project })).nodes[0];
    expect(failed).toMatchObject({ attempts: 1, status: 500, deliveredAt: null, nextAttemptAt: expect.any(String) });
    await api.data(redeliver, { input: { id: failed?.id } });
    // Disabling and enabling it skips the wait for its next attempt.
    const changed = { id, url: `${url}/b`, types: ["VERSION_LOGGED"], enabled: false };
    expect(await api.data(update, { input: changed })).toEqual({ updateWebhook: { webhook: changed } });
    await api.data(update, { input: { id, enabled: true } });
    await expect.poll(async () => (await look({ project })).totalCount, { timeout: 10_000 }).toBe(2);
    const all = (await look({ project })).nodes;
    expect(all[1]).toMatchObject({ status: 200, error: null, nextAttemptAt: null, deliveredAt: expect.any(String) });
    const page = await look({ project, first: 1 });
    expect((await look({ project, first: 1, after: page.pageInfo.endCursor })).nodes).toEqual([all[1]]);
    const last = await look({ project, last: 1 });
    expect(last.nodes).toEqual([all[1]]);
    expect((await look({ project, last: 1, before: last.pageInfo.endCursor })).nodes).toEqual([all[0]]);
    expect(await api.data(remove, { input: { id } })).toEqual({ deleteWebhook: { id } });
    expect(await api.data(node, { id })).toEqual({ node: null });
  });

  it("webhooks require the role maintainer", async () => {
    await api.log({ project: open, name: "hooked" });
    const { url } = await receiver();
    const input = { project: open, url };
    const forbidden = { code: "FORBIDDEN", permission: "webhook:manage" };
    expect(await api.refusal(create, { input }, "contributor")).toMatchObject(forbidden);
    type Made = { createWebhook: { webhook: { id: string } } };
    const { id } = (await api.data<Made>(create, { input }, "maintainer")).createWebhook.webhook;
    expect(await api.refusal(list, { project: open }, "contributor")).toMatchObject(forbidden);
    expect(await api.refusal(node, { id }, "contributor")).toMatchObject(forbidden);
    expect(await api.refusal(update, { input: { id, enabled: false } }, "viewer")).toMatchObject(forbidden);
    expect(await api.refusal(remove, { input: { id } }, "contributor")).toMatchObject(forbidden);
    expect(await api.data(remove, { input: { id } }, "maintainer")).toEqual({ deleteWebhook: { id } });
  });
});
