import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { runDemo } from "../../demo/demo.ts";
import { queriesFor } from "../../demo/queries.ts";
import { s3Blobs } from "../../src/adapters/s3/blob-store.ts";
import { connect } from "../../src/client/client.ts";
import { describeEach, engines, freshProject, startTestService, type TestService } from "../support/service.ts";

/** The embedded engine with the local disk, and Neo4j with S3. */
const pairs = engines.map((engine) =>
  engine.name === "neo4j"
    ? { engine, title: "neo4j and S3", missing: engine.missing || !inject("s3"), s3: inject("s3") }
    : { engine, title: `${engine.name} and the local disk`, missing: engine.missing, s3: null },
);

const unchanged = ["source", "raw", "clean", "train", "test"];
const changed = ["model", "evaluation", "report"];

type Listed = { artifact: string; number: number; producers: number; digest: string | null };
const allVersions = `query ($project: String!) {
  versions(filter: { project: { eq: $project } }, first: 100) {
    nodes { number digest artifact { name } producers { totalCount } }
  }
}`;

const promotions = `query ($project: String!) { artifact(project: $project, name: "model") { promotions { nodes {
  stage version { number stage } previous { number } gates { name passed }
} } } }`;

async function listVersions(service: TestService, project: string): Promise<Listed[]> {
  type Node = { number: number; digest: string | null; artifact: { name: string }; producers: { totalCount: number } };
  const { versions } = await service.data<{ versions: { nodes: Node[] } }>(allVersions, { project });
  return versions.nodes.map(({ number, digest, artifact, producers }) => ({
    number,
    digest,
    artifact: artifact.name,
    producers: producers.totalCount,
  }));
}

function numbersOf(versions: Listed[]): Record<string, number[]> {
  return Object.fromEntries(
    [...unchanged, ...changed].map((name) => [
      name,
      versions.flatMap(({ artifact, number }) => (artifact === name ? [number] : [])).sort(),
    ]),
  );
}

const expectedNumbers = Object.fromEntries([
  ...unchanged.map((name) => [name, [1]]),
  ...changed.map((name) => [name, [1, 2]]),
]);

describeEach(
  pairs,
  ({ title }) => `the demo on ${title}`,
  ({ engine, s3 }) => {
    const project = freshProject();
    const said: string[] = [];
    let service: TestService;
    let runs: string[];

    beforeAll(async () => {
      const parts = s3 ? { blobs: s3Blobs({ ...s3, bucket: `demo-${randomUUID()}` }) } : {};
      service = await startTestService(engine, {}, parts);
      runs = await runDemo(connect(service), project, (line) => said.push(line));
    });
    afterAll(() => service?.close());

    it("the demo gives version 2 only to artifacts that the changed parameter affects", async () => {
      const versions = await listVersions(service, project);
      expect(numbersOf(versions)).toEqual(expectedNumbers);
      const made = versions.filter(({ artifact }) => artifact !== "source");
      expect(made.map(({ artifact, producers }) => [artifact, producers]).sort()).toEqual(
        [
          ...["raw", "clean", "train", "test"].map((name) => [name, 2]),
          ...changed.flatMap((name) => [
            [name, 1],
            [name, 1],
          ]),
        ].sort(),
      );
      expect(said).toContain("    raw:1, unchanged");
      expect(said).toContain("    model:2 is new");
    });

    it("the demo records both runs alike: steps, parameters, inputs and outputs by slot", async () => {
      type Slots = { nodes: { name: string; version: { uri: string } }[] };
      type Step = { name: string; status: string; parameters: object; inputs: Slots; outputs: Slots };
      type Run = { status: string; pipeline: string; parameters: { maxDepth: number }; steps: { nodes: Step[] } };
      const query = `query ($id: ID!) { run(id: $id) {
        status pipeline parameters code { entryPoint }
        steps { nodes {
          name status parameters
          inputs { nodes { name version { uri } } } outputs { nodes { name version { uri } } }
        } }
      } }`;
      const slots = ({ nodes }: Slots) =>
        nodes.map(({ name, version }) => `${name}=${version.uri.split("/").at(-1)}`).sort();
      for (const [i, id] of runs.entries()) {
        const { run } = await service.data<{ run: Run }>(query, { id });
        const maxDepth = [1, 3][i];
        const n = i + 1;
        expect(run).toMatchObject({
          status: "COMPLETED",
          pipeline: "seattle-weather",
          parameters: { maxDepth },
          code: { entryPoint: "demo/pipeline.ts" },
        });
        expect(
          run.steps.nodes.map((step) => [step.name, step.status, slots(step.inputs), slots(step.outputs)]),
        ).toEqual([
          ["load", "COMPLETED", ["source=source:1"], ["raw=raw:1"]],
          ["clean", "COMPLETED", ["raw=raw:1"], ["clean=clean:1"]],
          ["split", "COMPLETED", ["clean=clean:1"], ["test=test:1", "train=train:1"]],
          ["train", "COMPLETED", ["train=train:1"], [`model=model:${n}`]],
          ["evaluate", "COMPLETED", [`model=model:${n}`, "test=test:1"], [`evaluation=evaluation:${n}`]],
          ["report", "COMPLETED", [`evaluation=evaluation:${n}`], [`report=report:${n}`]],
        ]);
        expect(run.steps.nodes[3]?.parameters).toEqual({ maxDepth, minNumSamples: 10, gainThreshold: 0.001 });
      }
    });

    it("the lineage of the demo's model leads back to the source of the data", async () => {
      type Node = { depth: number; node: { uri?: string; name?: string } };
      const query = `query ($of: [VersionRef!]!) { lineage(of: $of, direction: UPSTREAM) {
        truncated nodes { depth node { ... on Version { uri } ... on Step { name } } }
      } }`;
      const { lineage } = await service.data<{ lineage: { truncated: boolean; nodes: Node[] } }>(query, {
        of: [`${project}/model:2`],
      });
      const short = ({ depth, node }: Node) => `${depth} ${node.uri?.split("/").at(-1) ?? node.name}`;
      expect(lineage.truncated).toBe(false);
      // Unchanged versions were made by both runs, so that both are ancestors.
      expect(lineage.nodes.map(short).sort()).toEqual(
        [
          "0 model:2",
          ...["-1 train", "-1 train:1"],
          ...["-2 split", "-2 split", "-2 clean:1"],
          ...["-3 clean", "-3 clean", "-3 raw:1"],
          ...["-4 load", "-4 load", "-4 source:1"],
        ].sort(),
      );
    });

    it("the demo describes its tables and models", async () => {
      const query = `query ($data: VersionRef!, $model: VersionRef!) {
        data: version(ref: $data) { kind tags dataset { rows labelColumn features columns { name type } preview stats } }
        model: version(ref: $model) {
          kind labels { key value }
          model { framework algorithm parameters metrics inputs { name type } outputs { name type } }
        }
      }`;
      const answer = await service.data<{ data: { dataset: { preview: object[] } } }>(query, {
        data: `${project}/train`,
        model: `${project}/model`,
      });
      const features = ["month", "temp_max", "temp_min", "temp_range", "wind"];
      expect(answer).toMatchObject({
        data: {
          kind: "DATASET",
          tags: ["seattle"],
          // 1,461 days, without every fifth.
          dataset: { rows: 1168, labelColumn: "weather", features, stats: { month: { min: 1, max: 12 } } },
        },
        model: {
          kind: "MODEL",
          labels: [{ key: "task", value: "classification" }],
          model: {
            framework: "ml-cart",
            parameters: { maxDepth: 3 },
            metrics: { trainAccuracy: 0.7158 },
            inputs: features.map((name) => ({ name, type: "number" })),
            outputs: [{ name: "weather", type: "string" }],
          },
        },
      });
      expect(answer.data.dataset.preview[0]).toMatchObject({ date: "2012-01-02", weather: "rain", month: 1 });
    });

    it("every file of the demo downloads with the bytes of its digest", async () => {
      type Node = { uri: string; files: { path: string; digest: string; size: number; url: string }[] };
      const query = `query ($project: String!) {
        versions(filter: { project: { eq: $project } }) { nodes { uri files { path digest size url } } }
      }`;
      const { versions } = await service.data<{ versions: { nodes: Node[] } }>(query, { project });
      const files = versions.nodes.flatMap(({ uri, files }) => files.map((file) => ({ ...file, uri })));
      expect(files.map(({ path }) => path).sort()).toEqual(
        [
          ...["raw.csv", "clean.csv", "train.csv", "test.csv"],
          ...["model.json", "evaluation.json", "summary.md", "confusion.svg"].flatMap((path) => [path, path]),
        ].sort(),
      );
      for (const { uri, path, digest, size, url } of files) {
        for (const address of [`/versions/${encodeURIComponent(uri)}/files/${path}`, url]) {
          const response = await fetch(new URL(address, service.url));
          const bytes = Buffer.from(await response.arrayBuffer());
          expect([address, response.status, bytes.length]).toEqual([address, 200, size]);
          expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(digest);
        }
      }
    });

    it.each(queriesFor("").map((_, i) => i))("the demo's query no. %i gets an answer", async (i) => {
      const { query } = queriesFor(project)[i] ?? { query: "" };
      const answer = await service.ask(query);
      expect(answer.errors).toBeUndefined();
      expect(JSON.stringify(answer.data)).toContain(`/${project}/model:2`);
    });

    it("the demo promotes the first model, and then the better one through the gates, once", async () => {
      const [evaluated, better] = ["evaluated", "better"].map((name) => ({ name, passed: true }));
      const history = [
        { version: { number: 2, stage: "production" }, previous: { number: 1 } },
        { version: { number: 1, stage: "archived" }, previous: null },
      ].map((entry) => ({ ...entry, stage: "production", gates: [evaluated, better] }));
      expect(await service.data(promotions, { project })).toEqual({ artifact: { promotions: { nodes: history } } });
      expect(said).toContain("  model:2 is in production, where model:1 stood; passed: evaluated, better");
    });

    it("the demo's two runs can be compared, and their models have complete recipes", async () => {
      const query = `query ($runs: [ID!]!, $model: VersionRef!) {
        compareRuns(of: $runs) { metrics { key values } }
        recipe(of: $model) { complete missing steps { name code { entryPoint } } }
      }`;
      const model = `${project}/model`;
      expect(await service.data(query, { runs, model })).toEqual({
        compareRuns: {
          metrics: [
            { key: "accuracy", values: [expect.any(Number), expect.any(Number)] },
            { key: "trainAccuracy", values: [expect.any(Number), 0.7158] },
          ],
        },
        recipe: {
          complete: true,
          missing: [],
          steps: ["load", "clean", "split", "train"].map((name) => ({
            name,
            code: { entryPoint: `demo/pipeline.ts#${name}` },
          })),
        },
      });
      for (const id of runs) {
        const history = `query ($id: ID!) { run(id: $id) { metricHistory(key: "accuracy") { totalCount } } }`;
        expect(await service.data(history, { id })).toEqual({ run: { metricHistory: { totalCount: 1 } } });
      }
    });

    it("running the demo again adds runs, but no versions and no promotions", async () => {
      const promoted = await service.data(promotions, { project });
      const before = (await listVersions(service, project)).map(({ artifact, number, digest }) => [
        artifact,
        number,
        digest,
      ]);
      const again = await runDemo(connect(service), project, () => {});
      expect(new Set([...runs, ...again]).size).toBe(4);
      const after = await listVersions(service, project);
      expect(after.map(({ artifact, number, digest }) => [artifact, number, digest])).toEqual(before);
      expect(after.find(({ artifact, number }) => artifact === "model" && number === 1)?.producers).toBe(2);
      const { runs: all } = await service.data<{ runs: { totalCount: number } }>(
        "query ($project: String!) { runs(filter: { project: { eq: $project } }) { totalCount } }",
        { project },
      );
      expect(all.totalCount).toBe(4);
      expect(await service.data(promotions, { project })).toEqual(promoted);
    });

    it("the demo goes on when its stage was changed, and says which gates failed and who holds the stage", async () => {
      const define = "mutation ($input: DefineStageInput!) { defineStage(input: $input) { stage { name } } }";
      const seen = { name: "seen", approvals: { count: 1 } };
      await service.data(define, { input: { project, name: "production", gates: [seen] } });
      const demote = "mutation ($input: DemoteInput!) { demote(input: $input) { promotion { kind } } }";
      const lines: string[] = [];
      await service.data(demote, { input: { version: `${project}/model:2`, stage: "production" } });
      await runDemo(connect(service), project, (line) => lines.push(line));
      expect(lines.at(-2)).toMatch(/not promoted: .*1 of 1 gates failed. seen: expected .* found .*"count":0/);
      expect(lines.at(-1)).toContain("production is held by nobody");
    });
  },
);
