import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

interface Event {
  cursor: string;
  seq: number;
  type: string;
  version: { id: string; number: number };
  [field: string]: unknown;
}

const subscription = `subscription ($project: String, $artifact: String, $kind: Kind, $tag: String, $after: Cursor) {
  versionLogged(project: $project, artifact: $artifact, kind: $kind, tag: $tag, after: $after) {
    cursor seq type at actor alias stage: alias project { id name } artifact { id name } version { id number createdAt }
    previous { id } run { id } step { id name }
  }
}`;

describeEngines("subscriptions", (engine) => {
  const api = useApi(engine);
  const follow = (variables: Record<string, unknown>) => {
    const stream = api.subscribe(subscription, variables);
    return { next: async () => (await stream.next<{ versionLogged: Event }>()).versionLogged, end: stream.end };
  };
  /** A position in the log before any further version of the project: logs versions until the first one is delivered. */
  const start = async (project: string): Promise<Event> => {
    const stream = follow({ project });
    let delivered: Event | undefined;
    const first = stream.next().then((event) => {
      delivered = event;
    });
    const logged: string[] = [];
    while (!delivered) logged.push((await api.log({ project, name: "start" })).version.id);
    await first;
    await stream.end();
    const { version, cursor } = delivered as Event;
    const later = logged.slice(logged.indexOf(version.id) + 1);
    const rest = follow({ project, after: cursor });
    let last = delivered as Event;
    for (const id of later) {
      last = await rest.next();
      expect(last.version.id).toBe(id);
    }
    await rest.end();
    return last;
  };

  it("a subscription delivers each version as it is logged, with everything around it", async () => {
    const project = freshProject();
    const { cursor, seq } = await start(project);
    const stream = follow({ project, after: cursor });
    const { version } = await api.log({ project, name: "plain" });
    const plain = await stream.next();
    expect(plain).toMatchObject({
      type: "VERSION_LOGGED",
      at: version.createdAt,
      actor: "admin",
      project: { name: project },
      artifact: { name: "plain" },
      version: { id: version.id },
      alias: null,
      previous: null,
      run: null,
      step: null,
    });
    expect(plain.seq).toBeGreaterThan(seq);
    const { run } = await api.publish({
      project,
      outputs: [{ name: "of-run" }],
      steps: [{ name: "s", outputs: [{ name: "of-step" }] }],
    });
    expect(await stream.next()).toMatchObject({ run: { id: run.id }, step: null, artifact: { name: "of-run" } });
    expect(await stream.next()).toMatchObject({ run: { id: run.id }, step: { id: run.steps.nodes[0]?.id, name: "s" } });
    await stream.end();
  });

  it("a subscription replays events after a cursor in order, none lost or repeated, and then goes on live", async () => {
    const project = freshProject();
    const { cursor } = await start(project);
    const logged: string[] = [];
    for (let i = 0; i < 5; i++) logged.push((await api.log({ project, name: "a" })).version.id);
    const stream = follow({ project, after: cursor });
    const events: Event[] = [];
    for (const _ of logged) events.push(await stream.next());
    logged.push((await api.log({ project, name: "a" })).version.id);
    events.push(await stream.next());
    await stream.end();
    expect(events.map((event) => event.version.id)).toEqual(logged);
    const seqs = events.map((event) => event.seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    const resumed = follow({ project, after: events[3]?.cursor });
    expect((await resumed.next()).version.id).toBe(logged[4]);
    await resumed.end();
  });

  describe("filters of a subscription", () => {
    it.each([
      ["artifact", { artifact: "model" }],
      ["kind", { kind: "MODEL" }],
      ["tag", { tag: "gold" }],
    ])("a subscription delivers only events of its %s", async (_name, filter) => {
      const project = freshProject();
      const { cursor } = await start(project);
      await api.log({ project, name: "other", kind: "TABLE", tags: ["silver"] });
      const { version } = await api.log({ project, name: "model", kind: "MODEL", tags: ["gold", "x"] });
      await api.log({ project: freshProject(), name: "other", kind: "TABLE" });
      const stream = follow({ project, after: cursor, ...filter });
      expect((await stream.next()).version.id).toBe(version.id);
      await stream.end();
    });
  });

  it("a call that was refused or changed nothing causes no event", async () => {
    const project = freshProject();
    const { cursor } = await start(project);
    await api.refusal(
      `mutation ($project: String!) { logVersion(input: { project: $project, name: "a", inputs: ["none/such"] }) { created } }`,
      { project },
    );
    const once = { project, name: "once", key: "k" };
    const { version } = await api.log(once);
    await api.log(once);
    const { version: last } = await api.log({ project, name: "last" });
    const stream = follow({ project, after: cursor });
    expect([(await stream.next()).version.id, (await stream.next()).version.id]).toEqual([version.id, last.id]);
    await stream.end();
  });

  it("a subscription refuses an invalid cursor", async () => {
    const stream = follow({ project: freshProject(), after: "nonsense" });
    await expect(stream.next()).rejects.toThrow(/INVALID_INPUT.*"field":"after"|"field":"after".*INVALID_INPUT/s);
    await stream.end();
  });
});
