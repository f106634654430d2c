import { afterAll, beforeAll, expect, it } from "vitest";
import { type Expanded, expandCrate, valuesOf } from "../support/json-ld.ts";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";

const recipeQuery = `query ($of: VersionRef!) { recipe(of: $of) { complete missing roCrate steps {
  name execution { id } code { repository commit entryPoint } parameters environment
  inputs { slot role digest version { uri } } outputs { slot role digest version { uri } } } } }`;
const publish = `mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { id
  steps { nodes { id name outputs { nodes { version { id uri } } } } } outputs { nodes { version { id uri } } } } } }`;

interface Slot {
  slot: string | null;
  role: string | null;
  digest: string | null;
  version: { uri: string };
}
interface Recipe {
  complete: boolean;
  missing: string[];
  roCrate: object;
  steps: { name: string; execution: { id: string }; code: object | null; inputs: Slot[]; outputs: Slot[] }[];
}
interface Run {
  id: string;
  steps: { nodes: { id: string; name: string; outputs: { nodes: { version: { id: string; uri: string } }[] } }[] };
  outputs: { nodes: { version: { id: string; uri: string } }[] };
}

const code = { repository: "https://git.example/weather", commit: "abc123", entryPoint: "train.py" };
function minute(i: number) {
  return new Date(Date.UTC(2026, 0, 31) + i * 60_000).toISOString();
}
const schema = "http://schema.org/";

describeEngines("recipes of graphs", (engine) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(engine);
  });
  afterAll(() => service?.close());

  const recipe = async (of: string) => (await service.data<{ recipe: Recipe }>(recipeQuery, { of })).recipe;
  const run = async (input: object) =>
    (await service.data<{ publishRun: { run: Run } }>(publish, { input })).publishRun.run;
  const call = (verb: string, input: object) =>
    service.data(
      `mutation ($input: ${verb[0]?.toUpperCase()}${verb.slice(1)}Input!) { ${verb}(input: $input) { __typename } }`,
      { input },
    );
  const log = (project: string, name: string, more: object = {}) => call("logVersion", { project, name, ...more });
  const located = { location: "s3://elsewhere/raw.csv", size: 7 };
  const names = ({ steps }: Recipe) => steps.map((step) => step.name);

  /** raw (elsewhere) → clean → split → train and test → fit → model and a report of two files. */
  const weather = async () => {
    const project = freshProject();
    const digest = await service.put(project, `bytes of ${project}`);
    await log(project, "raw", { ...located, digest: `sha256:${"a".repeat(64)}` });
    const files = [{ path: "a b.csv", digest }];
    const steps = [
      {
        name: "fit",
        code: { ...code, entryPoint: "fit.py" },
        parameters: { depth: 3, nested: { lr: 0.5 }, list: [1, 2] },
        environment: { image: "python:3.12", packages: { numpy: "2.0" } },
        startedAt: minute(3),
        endedAt: minute(4),
        inputs: [{ slot: "train", role: "data", step: "split", output: "train" }],
        outputs: [
          { slot: "model", name: "model", kind: "MODEL", files },
          {
            slot: "report",
            name: "report",
            files: [
              { path: "x/1.html", digest },
              { path: "x/2.html", digest },
            ],
          },
        ],
      },
      {
        name: "clean",
        code,
        startedAt: minute(1),
        endedAt: minute(2),
        inputs: [{ version: `${project}/raw` }],
        outputs: [{ slot: "out", name: "clean", files }],
      },
      {
        name: "split",
        code,
        startedAt: minute(2),
        endedAt: minute(3),
        inputs: [{ step: "clean" }],
        outputs: [
          { slot: "train", name: "train", files },
          { slot: "test", name: "test", files },
        ],
      },
      { name: "unrelated", inputs: [{ step: "clean" }], outputs: [{ name: "other" }] },
    ];
    return { project, digest, run: await run({ project, name: "weekly", startedAt: minute(1), steps }) };
  };

  it("a recipe lists executions in a runnable order, with code, parameters, environment, inputs and outputs by digest", async () => {
    const { project, digest } = await weather();
    const found = await recipe(`${project}/model`);
    expect(found).toMatchObject({ complete: true, missing: [] });
    expect(found.steps).toMatchObject([
      {
        name: "clean",
        code,
        inputs: [{ slot: null, digest: `sha256:${"a".repeat(64)}`, version: { uri: `store://link/${project}/raw:1` } }],
        outputs: [{ slot: "out", digest, version: { uri: `store://artifact/${project}/clean:1` } }],
      },
      { name: "split", outputs: [{ slot: "test" }, { slot: "train" }] },
      {
        name: "fit",
        code: { entryPoint: "fit.py" },
        parameters: { depth: 3, nested: { lr: 0.5 } },
        environment: { image: "python:3.12" },
        inputs: [{ slot: "train", role: "data", digest, version: { uri: `store://artifact/${project}/train:1` } }],
        outputs: [{ slot: "model", digest }, { slot: "report" }],
      },
    ]);
    const response = await fetch(`${service.url}/versions/${encodeURIComponent(`${project}/model`)}/recipe.json`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(await response.json()).toMatchObject({
      version: `store://model/${project}/model:1`,
      digest,
      complete: true,
      missing: [],
      steps: [
        { name: "clean", startedAt: minute(1), inputs: [{ location: located.location }] },
        { name: "split" },
        { name: "fit", code: { entryPoint: "fit.py" } },
      ],
    });
  });

  it("a recipe is an RO-Crate in the terms of the published contexts", async () => {
    const { project, digest } = await weather();
    const response = await fetch(
      `${service.url}/versions/${encodeURIComponent(`${project}/model`)}/ro-crate-metadata.json`,
    );
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "application/ld+json; charset=utf-8",
    ]);
    const crate = (await response.json()) as object;
    expect((await recipe(`${project}/model`)).roCrate).toEqual(crate);
    const entities = await expandCrate(crate);
    const ofType = (type: string) =>
      [...entities.values()].filter((entity) => entity["@type"]?.includes(schema + type));
    const one = (entity: Expanded | undefined, name: string) => valuesOf(entity, schema + name)[0];
    const ids = (entity: Expanded | undefined, name: string) =>
      valuesOf(entity, schema + name).map((item) => item["@id"]);

    const descriptor = entities.get("https://crate.example/ro-crate-metadata.json");
    expect(one(descriptor, "about")).toEqual({ "@id": "https://crate.example/" });
    expect(descriptor?.["http://purl.org/dc/terms/conformsTo"]).toEqual([{ "@id": "https://w3id.org/ro/crate/1.2" }]);
    const root = entities.get("https://crate.example/");
    expect(root?.["http://purl.org/dc/terms/conformsTo"]).toEqual([{ "@id": "https://w3id.org/ro/wfrun/process/0.5" }]);
    for (const name of ["name", "description", "datePublished", "license", "mainEntity"])
      expect(one(root, name), name).toBeDefined();

    const actions = ofType("CreateAction");
    expect(actions.map((action) => one(action, "name")?.["@value"])).toEqual(["clean", "split", "fit"]);
    expect(ids(root, "mentions")).toEqual(actions.map((action) => action["@id"]));
    const fit = actions[2];
    expect(one(fit, "startTime")?.["@value"]).toBe(minute(3));
    expect(one(fit, "actionStatus")).toEqual({ "@id": "http://schema.org/CompletedActionStatus" });
    expect(entities.get(one(fit, "instrument")?.["@id"] ?? "")).toMatchObject({
      "@type": [`${schema}SoftwareSourceCode`],
      [`${schema}codeRepository`]: [{ "@value": code.repository }],
      [`${schema}version`]: [{ "@value": code.commit }],
    });
    expect(ids(fit, "result")).toEqual([`store://model/${project}/model:1`, `store://directory/${project}/report:1`]);
    const [input, ...parameters] = (ids(fit, "object") ?? []).map((id) => entities.get(id ?? ""));
    expect(input?.["@id"]).toBe(`store://artifact/${project}/train:1`);
    const pairs = parameters.map((entity) => [one(entity, "name")?.["@value"], one(entity, "value")?.["@value"]]);
    expect(Object.fromEntries(pairs)).toEqual({ depth: 3, "nested.lr": 0.5, list: "[1,2]" });
    const environment = valuesOf(fit, "https://w3id.org/ro/terms/workflow-run#environment");
    expect(environment.map(({ "@id": id }) => one(entities.get(id ?? ""), "name")?.["@value"])).toEqual([
      "image",
      "packages.numpy",
    ]);

    const model = entities.get(`store://model/${project}/model:1`);
    expect(model?.["@type"]).toEqual([`${schema}MediaObject`]);
    expect(model?.["https://w3id.org/ro/terms/workflow-run#sha256"]).toEqual([{ "@value": digest.slice(7) }]);
    expect(Number(one(model, "contentSize")?.["@value"])).toBe(`bytes of ${project}`.length);
    const bytes = await fetch(service.url + String(one(model, "contentUrl")?.["@value"]));
    expect(await bytes.text()).toBe(`bytes of ${project}`);
    const report = entities.get(`store://directory/${project}/report:1`);
    expect(report?.["@type"]).toEqual([`${schema}Dataset`]);
    expect(ids(report, "hasPart")?.map((id) => one(entities.get(id ?? ""), "alternateName")?.["@value"])).toEqual([
      "x/1.html",
      "x/2.html",
    ]);
    expect(one(entities.get(`store://link/${project}/raw:1`), "contentUrl")?.["@value"]).toBe(located.location);
  });

  it("a recipe names what is missing: code, and inputs that neither exist nor can be made", async () => {
    const project = freshProject();
    const digest = await service.put(project, "bytes");
    const files = [{ path: "f", digest }];
    await log(project, "nothing");
    await log(project, "elsewhere", located);
    await log(project, "here", { files });
    await log(project, "gone", { files });
    const inputs = ["nothing", "elsewhere", "here", "gone"].map((name) => ({ version: `${project}/${name}` }));
    const { id } = await run({ project, name: "uncoded", inputs, outputs: [{ name: "made" }] });
    await call("deleteVersion", { ref: `${project}/gone`, bytesOnly: true, force: true });
    const found = await recipe(`${project}/made`);
    expect(found.complete).toBe(false);
    expect([...found.missing].sort()).toEqual(
      [
        `uncoded (${id}) has no code`,
        `store://artifact/${project}/nothing:1 has neither a producer nor bytes nor a location`,
        `store://artifact/${project}/gone:1 has neither a producer nor bytes nor a location`,
      ].sort(),
    );
    await expandCrate(found.roCrate);
    expect(found.roCrate).toMatchObject({
      "@graph": expect.arrayContaining([expect.objectContaining({ "@type": "SoftwareApplication", name: "uncoded" })]),
    });
    // Intermediate outputs need no bytes.
    await run({ project, name: "next", code, inputs: [{ version: `${project}/made` }], outputs: [{ name: "last" }] });
    expect((await recipe(`${project}/last`)).missing).toEqual(found.missing);
    expect(await recipe(`${project}/here`)).toMatchObject({ complete: true, steps: [] });
    expect(await recipe(`${project}/nothing`)).toMatchObject({
      complete: false,
      steps: [],
      missing: [expect.stringContaining("neither a producer")],
    });
  });

  it("a recipe follows the producer that completed first", async () => {
    const project = freshProject();
    await log(project, "m");
    const version = `${project}/m`;
    const outputs = [{ version }];
    const producer = (name: string, status: string, from: number, to: number) =>
      run({ project, name, status, code, startedAt: minute(from), endedAt: minute(to), outputs });
    await producer("failed", "FAILED", 0, 1);
    expect(names(await recipe(version))).toEqual(["failed"]);
    await producer("late", "COMPLETED", 2, 9);
    await producer("first", "COMPLETED", 4, 5);
    await producer("cached", "CACHED", 1, 2);
    expect(names(await recipe(version))).toEqual(["first"]);
  });

  it("a recipe orders the executions of a cycle by start time, and names them", async () => {
    const project = freshProject();
    for (const name of ["x", "y"]) await log(project, name);
    const link = (name: string, from: number, reads: string, makes: string) =>
      run({
        project,
        name,
        code,
        startedAt: minute(from),
        endedAt: minute(9),
        inputs: [{ version: `${project}/${reads}` }],
        outputs: [{ version: `${project}/${makes}` }],
      });
    const b = await link("b", 2, "x", "y");
    const a = await link("a", 1, "y", "x");
    await run({
      project,
      name: "c",
      code,
      startedAt: minute(0),
      endedAt: minute(9),
      inputs: [{ version: `${project}/y` }],
      outputs: [{ name: "z" }],
    });
    const found = await recipe(`${project}/z`);
    expect(names(found)).toEqual(["a", "b", "c"]);
    expect(found).toMatchObject({
      complete: false,
      missing: [`a cycle, in order of start time: a (${a.id}), b (${b.id})`],
    });
    const own = await run({ project, name: "own", code, outputs: [{ name: "mine" }] });
    await call("recordLineage", { execution: own.id, inputs: [{ version: `${project}/mine` }] });
    expect(await recipe(`${project}/mine`)).toMatchObject({
      complete: false,
      missing: [`a cycle, in order of start time: own (${own.id})`],
    });
    await expandCrate(found.roCrate);
  });

  it("a recipe takes as many statements for 500 steps as for 5", async () => {
    const counts: string[][] = [];
    for (const size of [5, 500]) {
      const project = freshProject();
      await log(project, "a", located);
      const steps = Array.from({ length: size }, (_, i) => ({
        name: `s${i}`,
        code,
        inputs: i ? [{ step: `s${i - 1}` }] : [{ version: `${project}/a` }],
        outputs: [{ name: `o${i}` }],
      }));
      await run({ project, steps });
      service.statements();
      const found = await recipe(`${project}/o${size - 1}`);
      counts.push(service.statements());
      expect(found).toMatchObject({ complete: true, missing: [] });
      expect(names(found)).toEqual(steps.map((step) => step.name));
    }
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[0]?.length).toBeLessThanOrEqual(6);
  });

  it("a recipe of an unknown version is null with an error, and 404 over HTTP", async () => {
    const of = `${freshProject()}/none`;
    expect(await service.ask(recipeQuery, { of })).toMatchObject({
      data: { recipe: null },
      errors: [{ extensions: { code: "NOT_FOUND" } }],
    });
    for (const name of ["recipe.json", "ro-crate-metadata.json"])
      expect((await fetch(`${service.url}/versions/${encodeURIComponent(of)}/${name}`)).status).toBe(404);
  });
});
