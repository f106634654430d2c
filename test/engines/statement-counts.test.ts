import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const publish = "mutation ($input: PublishRunInput!) { publishRun(input: $input) { created run { id } } }";
const log = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { created version { id number } } }";
const everything = `query ($project: String!, $first: Int) {
  versions(filter: { project: { eq: $project } }, first: $first) { totalCount nodes {
    id uri isLatest tags aliases stage approvals { actor } promotions { totalCount } labels { key value } files { path url } links { rel version { uri } } entries { key }
    artifact { name tags project { name } latest { id } aliases { alias version { id } } }
    lineage(direction: UPSTREAM, limit: 20) { nodes { id } truncated }
    producers { totalCount nodes { slot execution { id name tags ... on Step { run { id project { name } } } } } }
    consumers { nodes { execution { id } } }
  } }
}`;
const runs = `query ($project: String!) {
  runs(filter: { project: { eq: $project } }) { nodes {
    id tags project { name } parent { id } children { totalCount } inputs { nodes { version { id } } } outputs { totalCount nodes { version { id tags artifact { name } } } }
    steps { nodes { name tags run { id } cachedFrom { id } inputs { nodes { version { uri } } } outputs { nodes { version { uri files { path } } } } } }
  } }
}`;

describeEngines("statement counts", (engine) => {
  const api = useApi(engine);
  const counted = async (query: string, variables: object): Promise<string[]> => {
    api.statements();
    await api.data(query, variables);
    return api.statements();
  };

  /** A run of `size` steps, each with one output, which read the output of the step before and an existing version. */
  const pipeline = async (size: number) => {
    const project = freshProject();
    const digest = await api.put(project, "bytes");
    await api.log({ project, name: "there" });
    const steps = Array.from({ length: size }, (_, i) => ({
      name: `s${i}`,
      tags: ["t"],
      inputs: [{ version: `${project}/there` }, ...(i ? [{ step: `s${i - 1}` }] : [])],
      outputs: [
        {
          slot: "out",
          name: `a${i}`,
          files: [{ path: "f", digest }],
          tags: ["t"],
          labels: [{ key: "k", value: "v" }],
          aliases: ["best"],
          versionName: "v",
          metadata: { i },
          links: [{ rel: "r", version: `${project}/there` }],
        },
      ],
    }));
    return { project, steps, name: "big", key: "k" };
  };

  describe("publishRun", () => {
    it("publishRun runs as many statements for 500 steps and outputs as for 10, at most 13", async () => {
      const counts: string[][] = [];
      for (const size of [10, 500]) {
        const input = await pipeline(size);
        const names = await counted(publish, { input });
        counts.push(names);
        const { runs: found } = await api.data<{ runs: { nodes: { steps: { totalCount: number } }[] } }>(
          "query ($project: String!) { runs(filter: { project: { eq: $project } }) { nodes { steps { totalCount } } } }",
          { project: input.project },
        );
        expect(found.nodes).toEqual([{ steps: { totalCount: size } }]);
        expect(await api.version(`${input.project}/a${size - 1}:best`)).toMatchObject({
          files: [{ path: "f" }],
          consumers: { totalCount: 0 },
        });
      }
      expect(counts[1]).toEqual(counts[0]);
      expect(counts[0]?.length).toBeLessThanOrEqual(13);
      expect(counts[0]?.length).toBeGreaterThan(5);
    }, 60_000);

    it("publishRun runs as many statements for 500 outputs of one step as for 10", async () => {
      const counts: string[][] = [];
      for (const size of [10, 500]) {
        const { project } = await pipeline(0);
        const outputs = Array.from({ length: size }, (_, i) => ({ slot: `o${i}`, name: i % 2 ? "shared" : `a${i}` }));
        counts.push(await counted(publish, { input: { project, steps: [{ name: "s", outputs }] } }));
      }
      expect(counts[1]).toEqual(counts[0]);
      expect(counts[0]?.length).toBeLessThanOrEqual(13);
    });
  });

  it("logVersion runs as many statements for 20 files, inputs, tags and aliases as for one of each", async () => {
    const project = freshProject();
    const digest = await api.put(project, "bytes");
    for (let i = 0; i < 20; i++) await api.log({ project, name: `in${i}` });
    const sized = (name: string, size: number) => {
      const each = <T>(of: (i: number) => T) => Array.from({ length: size }, (_, i) => of(i));
      return {
        project,
        name,
        files: each((i) => ({ path: `${i}`, digest })),
        inputs: each((i) => `${project}/in${i}`),
        tags: each(String),
        aliases: each((i) => `x${i}`),
        labels: each((i) => ({ key: `${i}`, value: "v" })),
        metadata: Object.fromEntries(each((i) => [`k${i}`, i])),
      };
    };
    const [one, twenty] = [
      await counted(log, { input: sized("one", 1) }),
      await counted(log, { input: sized("twenty", 20) }),
    ];
    expect(twenty).toEqual(one);
    expect(one.length).toBeLessThanOrEqual(13);
    expect((await counted(log, { input: { project, name: "plain" } })).length).toBeLessThanOrEqual(6);
  });

  it("20 versions by their references take at most two statements", async () => {
    const project = freshProject();
    const fields = Array.from(
      { length: 20 },
      (_, i) => `v${i}: version(ref: "${project}/a:${(i % 5) + 1}") { number }`,
    );
    for (let i = 0; i < 5; i++) await api.log({ project, name: "a" });
    api.statements();
    const found = await api.data<Record<string, { number: number }>>(`{ ${fields.join(" ")} }`);
    expect(Object.values(found).map(({ number }) => number)).toEqual(fields.map((_, i) => (i % 5) + 1));
    expect(api.statements().filter((name) => name === "resolve-references").length).toBeLessThanOrEqual(2);
  });

  it("100 versions with all their fields take as many statements as 10, and so do the steps of runs", async () => {
    const { project, ...input } = await pipeline(100);
    await api.data(publish, { input: { project, ...input } });
    const [ten, hundred] = [
      await counted(everything, { project, first: 10 }),
      await counted(everything, { project, first: 100 }),
    ];
    expect([...hundred].sort()).toEqual([...ten].sort());
    expect(hundred.length).toBeLessThanOrEqual(25);
    expect(new Set(hundred).size).toBeGreaterThanOrEqual(hundred.length - 3);
    const small = await pipeline(10);
    await api.data(publish, { input: small });
    const [few, many] = [await counted(runs, { project: small.project }), await counted(runs, { project })];
    expect([...many].sort()).toEqual([...few].sort());
  }, 60_000);
});
