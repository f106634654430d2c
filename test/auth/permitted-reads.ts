import { describe, expect, it } from "vitest";
import type { ActorName, Api } from "../support/api.ts";
import { version } from "../support/documents.ts";
import { freshProject } from "../support/service.ts";

import type { Permitted } from "./permitted.ts";

interface Lineage {
  nodes: { id: string; depth: number; node: { __typename: string; id: string } }[];
  edges: { from: string; to: string }[];
}
const lineageQuery = `query ($of: [VersionRef!]!, $granularity: Granularity) { lineage(of: $of, direction: UPSTREAM, granularity: $granularity) {
  nodes { id depth node { __typename ... on Restricted { id } ... on Version { id uri } ... on Execution { id name } ... on Artifact { id name } } }
  edges { from to kind } truncated } }`;

/** Which roles may read, and what others see instead. */
export function permittedReadTests(api: Api, { open, secret, ids, bytes, digests }: Permitted): void {
  describe("reading requires the role viewer", () => {
    const reads: [string, string, () => object][] = [
      ["project", "query ($name: String!) { project(name: $name) { id } }", () => ({ name: secret })],
      [
        "artifact",
        `query ($project: String!) { artifact(project: $project, name: "classified") { id } }`,
        () => ({ project: secret }),
      ],
      ["version by id", version, () => ({ ref: ids.secret })],
      ["version by name", version, () => ({ ref: `${secret}/classified` })],
      ["version by an unknown name", version, () => ({ ref: `${secret}/unknown` })],
      ["run", "query ($id: ID!) { run(id: $id) { id } }", () => ({ id: ids.hidden })],
      ["node", "query ($id: ID!) { node(id: $id) { id } }", () => ({ id: ids.secret })],
      ["lineage", lineageQuery, () => ({ of: [ids.secret] })],
      ["recipe", "query ($of: VersionRef!) { recipe(of: $of) { complete } }", () => ({ of: ids.secret })],
      [
        "a subscription",
        "subscription ($project: String!) { versionLogged(project: $project) { seq } }",
        () => ({ project: secret }),
      ],
    ];

    it.each(reads)("reading requires the role viewer: %s", async (_name, query, variables) => {
      const refused = { code: "FORBIDDEN", permission: expect.stringMatching(/^(project|log):read$/) };
      if (query.startsWith("subscription")) {
        const stream = api.subscribe(query, variables() as Record<string, unknown>, "viewer");
        await expect(stream.next()).rejects.toThrow(/FORBIDDEN/);
        return stream.end();
      }
      expect(await api.refusal(query, variables(), "viewer")).toMatchObject(refused);
      if (_name.includes("unknown")) return;
      expect(Object.values(await api.data<Record<string, unknown>>(query, variables(), "both"))[0]).not.toBeNull();
    });

    it.each([
      ["digest", () => digests.secret],
      ["a prefix of its id", () => ids.secret.slice(0, -1)],
    ])("a version that may not be read is not found by %s", async (_name, ref) => {
      expect(await api.refusal(version, { ref: ref() }, "viewer")).toMatchObject({ code: "NOT_FOUND" });
      expect(await api.version(ref(), "both")).toMatchObject({ id: ids.secret });
    });

    it("the bytes of a project are refused to those who may not read it", async () => {
      for (const path of [`/blobs/${digests.secret}?project=${secret}`, `/versions/${ids.secret}/files/f`]) {
        const refused = await api.http(path, {}, "viewer");
        expect([refused.status, await refused.json()]).toMatchObject([
          403,
          { code: "FORBIDDEN", permission: "project:read" },
        ]);
        const shown = await api.http(path, {}, "both");
        expect([shown.status, await shown.text()]).toEqual([200, bytes.secret]);
      }
    });
  });

  it("concurrent requests of different actors each show only what their actor may read", async () => {
    const asked = [
      ids.secret,
      digests.secret,
      ids.secret.slice(0, -1),
      `${secret}/classified`,
      `${secret}/unknown`,
      "?",
    ];
    const ask = async (ref: string, actor: ActorName) => {
      const { data, errors } = await api.ask<{ version: { id: string } }>(version, { ref }, actor);
      return errors?.[0]?.extensions.code ?? data.version.id;
    };
    const delivered = {
      viewer: ["FORBIDDEN", "NOT_FOUND", "NOT_FOUND", "FORBIDDEN", "FORBIDDEN", "INVALID_INPUT"],
      both: [...Array(4).fill(ids.secret), "NOT_FOUND", "INVALID_INPUT"],
    };
    const rounds = Array.from({ length: 8 }, (_, i) => (i % 2 ? ("viewer" as const) : ("both" as const)));
    const answers = await Promise.all(rounds.map((actor) => Promise.all(asked.map((ref) => ask(ref, actor)))));
    expect(answers).toEqual(rounds.map((actor) => delivered[actor]));
    const files = [
      `/blobs/${digests.secret}?project=${secret}`,
      `/versions/${ids.secret}/files/f`,
      `/versions/${ids.secret}/files/g`,
    ];
    const codes = (actor: ActorName) =>
      Promise.all(files.map(async (path) => (await api.http(path, {}, actor)).status));
    expect(await Promise.all(rounds.map(codes))).toEqual(
      rounds.map((actor) => (actor === "both" ? [200, 200, 404] : [403, 403, 403])),
    );
  });

  it("lists show only readable projects, also in counts and groups", async () => {
    const query = `query ($name: StringFilter) {
      projects(first: 500) { nodes { name } totalCount }
      versions(filter: { artifact: $name }, first: 500) { nodes { artifact { project { name } } } totalCount }
      artifacts(filter: { name: $name }, first: 500) { nodes { project { name } } totalCount groups { kind count } }
      runs(first: 500) { nodes { project { name } } totalCount } }`;
    type Lists = Record<
      string,
      {
        nodes: { name?: string; project?: { name: string }; artifact?: { project: { name: string } } }[];
        totalCount: number;
        groups?: { count: number }[];
      }
    >;
    for (const [actor, projects] of [
      ["viewer", [open]],
      ["both", [open, secret].sort()],
    ] as const) {
      const lists = await api.data<Lists>(
        query,
        { name: { in: ["classified", "permitted/a", "permitted/made"] } },
        actor,
      );
      for (const { nodes, totalCount, groups } of Object.values(lists)) {
        const names = nodes.map((node) => node.name ?? node.project?.name ?? node.artifact?.project.name);
        expect([...new Set(names)].sort()).toEqual(projects);
        expect(totalCount).toBe(nodes.length);
        if (groups) expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(totalCount);
      }
    }
  });

  it("a recipe says that something may not be read, and nothing else about it", async () => {
    const query = `query ($of: VersionRef!) { recipe(of: $of) { complete missing roCrate
      steps { name inputs { version { id } } outputs { version { id } } } } }`;
    type Recipe = {
      complete: boolean;
      missing: string[];
      steps: { name: string; inputs: { version: { id: string } }[] }[];
    };
    const of = (actor: ActorName) =>
      api.data<{ recipe: Recipe }>(query, { of: ids.b }, actor).then((answer) => answer.recipe);
    const [full, partial] = [await of("both"), await of("viewer")];
    expect(full.steps.map((step) => step.name)).toEqual(["hidden", "shown"]);
    const inputs = expect.arrayContaining([{ version: { id: ids.made } }]);
    expect(partial.steps).toMatchObject([{ name: "shown", inputs }]);
    expect(partial.complete).toBe(false);
    expect(partial.missing).toEqual([
      `shown (${ids.run}) has no code`,
      `shown (${ids.run}) reads a version that you may not read`,
      `store://artifact/${open}/permitted/made:1 was made by an execution that you may not read`,
    ]);
    for (const hidden of [secret, ids.secret, ids.hidden, "classified", '"hidden"'])
      expect(JSON.stringify(partial)).not.toContain(hidden);
    for (const name of ["recipe.json", "ro-crate-metadata.json"]) {
      const refused = await api.http(`/versions/${ids.secret}/${name}`, {}, "viewer");
      expect([refused.status, await refused.json()]).toMatchObject([403, { code: "FORBIDDEN" }]);
      const text = await (await api.http(`/versions/${ids.b}/${name}`, {}, "viewer")).text();
      expect(text).not.toContain(secret);
    }
  });

  it("a lineage shows what may not be read as Restricted, in its place", async () => {
    const of = (granularity: string, actor: ActorName) =>
      api.data<{ lineage: Lineage }>(lineageQuery, { of: [ids.b], granularity }, actor).then((data) => data.lineage);
    const [full, partial] = [await of("EXECUTION", "both"), await of("EXECUTION", "viewer")];
    expect(partial.edges).toEqual(full.edges);
    expect(partial.nodes.map(({ id, depth }) => [id, depth])).toEqual(full.nodes.map(({ id, depth }) => [id, depth]));
    const kinds = Object.fromEntries(partial.nodes.map(({ id, node }) => [id, node.__typename]));
    expect(kinds).toMatchObject({
      [ids.b]: "Version",
      [ids.run]: "Run",
      [ids.secret]: "Restricted",
      [ids.hidden]: "Restricted",
      [ids.made]: "Version",
      [ids.a]: "Version",
    });
    expect(partial.nodes.find(({ id }) => id === ids.secret)?.node).toEqual({
      __typename: "Restricted",
      id: ids.secret,
    });
    const artifacts = await of("ARTIFACT", "viewer");
    expect(artifacts.nodes.map(({ node }) => node.__typename).sort()).toEqual([
      "Artifact",
      "Artifact",
      "Artifact",
      "Restricted",
    ]);
    const versions = await of("VERSION", "viewer");
    expect(versions.nodes.map(({ node }) => node.__typename).sort()).toEqual([
      "Restricted",
      "Version",
      "Version",
      "Version",
    ]);
  });

  it("slots, producers, consumers, children and links omit what may not be read, also from their counts", async () => {
    const shown = await api.run(ids.run, "viewer");
    expect(shown.inputs.nodes.map((slot) => slot.version.id)).toEqual(expect.not.arrayContaining([ids.secret]));
    expect(shown.inputs.nodes.map((slot) => slot.version.id)).toContain(ids.made);
    expect(shown.inputs.totalCount).toBe(shown.inputs.nodes.length);
    expect(shown.children).toEqual({ nodes: [], totalCount: 0 });
    expect(await api.version(ids.made, "viewer")).toMatchObject({
      producers: { nodes: [], totalCount: 0 },
      consumers: { nodes: [{ execution: { id: ids.run } }], totalCount: 1 },
    });
    expect(await api.version(ids.b, "viewer")).toMatchObject({ links: [{ rel: "shown", version: { id: ids.a } }] });
    const whole = await api.run(ids.run, "both");
    expect(whole.inputs.nodes.map((slot) => slot.version.id)).toEqual(expect.arrayContaining([ids.secret, ids.made]));
    expect(whole.children).toMatchObject({ nodes: [{ id: ids.child }], totalCount: 1 });
    expect(await api.version(ids.made, "both")).toMatchObject({
      producers: { nodes: [{ execution: { id: ids.hidden } }], totalCount: 1 },
    });
    expect(await api.version(ids.b, "both")).toMatchObject({ links: [{ rel: "hidden" }, { rel: "shown" }] });
  });

  it("a reference is not ambiguous because of versions that may not be read", async () => {
    const [common] = [freshProject()];
    const put = async (project: string) => [{ path: "f", digest: await api.put(project, common) }];
    const filesOf = { open: await put(open), secret: await put(secret) };
    api.ids.prefix = freshProject().slice(2);
    const prefix = api.ids.prefix;
    const { version: mine } = await api.log({ project: open, name: "permitted/prefix", files: filesOf.open });
    await api.log({ project: secret, name: "prefix", files: filesOf.secret });
    api.ids.prefix = "";
    for (const ref of [prefix, filesOf.open[0]?.digest ?? ""]) {
      expect((await api.refusal(version, { ref }, "both")).code).toBe("AMBIGUOUS");
      expect((await api.version(ref, "viewer")).id).toBe(mine.id);
    }
  });

  it("a subscription without a project delivers only events of readable projects", async () => {
    const stream = api.subscribe("subscription { versionLogged { cursor version { id } } }", {}, "viewer");
    let delivered: { versionLogged: { version: { id: string } } } | undefined;
    const first = stream.next<typeof delivered>().then((event) => {
      delivered = event;
    });
    const logged: string[] = [];
    while (!delivered) {
      await api.log({ project: secret, name: "unseen" });
      logged.push((await api.log({ project: open, name: "permitted/received" })).version.id);
    }
    await first;
    expect(logged).toContain(delivered.versionLogged.version.id);
    await stream.end();
  });
}
