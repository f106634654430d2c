import { readFileSync } from "node:fs";
import {
  buildSchema,
  type GraphQLField,
  GraphQLObjectType,
  getNamedType,
  isLeafType,
  isRequiredArgument,
} from "graphql";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));

const types = ["Version", "Run", "Step"];
function selected({ name, type }: GraphQLField<unknown, unknown>): string {
  return isLeafType(getNamedType(type)) ? name : `${name} { __typename }`;
}
/** Each field of a type by itself, except those with required arguments. */
function fieldsOf(name: string): string[] {
  const type = schema.getType(name);
  if (!(type instanceof GraphQLObjectType)) throw new Error(`there is no type ${name}`);
  return Object.values(type.getFields())
    .filter(({ args }) => !args.some(isRequiredArgument))
    .map(selected);
}

const made = {
  ...{ metadata: { rows: 3 }, attributes: { a: 1 }, dataset: { columns: [{ name: "x", type: "int" }], rows: 3 } },
  ...{ kind: "DATASET", versionName: "first", description: "some rows", location: "s3://elsewhere/x", size: 7 },
  ...{ digest: `sha256:${"a".repeat(64)}`, iteration: 2, tags: ["new"], labels: [{ key: "k", value: "v" }] },
};
const ran = {
  ...{ code: { repository: "r", commit: "c" }, environment: { image: "i" }, error: "too late", status: "FAILED" },
  ...{ parameters: { depth: 3 }, metadata: { m: 1 }, metrics: { loss: 0.5 }, tags: ["night"] },
};

describeEngines("entities in a lineage", (engine) => {
  let service: TestService;
  let of: string;
  beforeAll(async () => {
    service = await startTestService(engine);
    const step = { name: "clean", ...ran, outputs: [{ name: "rows", ...made }] };
    const inputs = [{ step: "clean", output: "rows" }];
    const run = { ...ran, name: "nightly", pipeline: "nights", key: "n1", iteration: 4, inputs, steps: [step] };
    const project = freshProject();
    await service.data("mutation ($input: PublishRunInput!) { publishRun(input: $input) { created } }", {
      input: { project, ...run },
    });
    of = `${project}/rows:1`;
  });
  afterAll(() => service?.close());

  it.each(types.flatMap((type) => fieldsOf(type).map((field) => [type, field] as const)))(
    "%s.%s asked for alone equals its value among all fields",
    async (type, field) => {
      interface Node {
        id: string;
        node: object;
      }
      const { lineage } = await service.data<{ lineage: { nodes: Node[] } }>(
        `query ($of: [VersionRef!]!) { lineage(of: $of, limit: 100) { nodes { id node { ... on ${type} { ${field} } } } } }`,
        { of: [of] },
      );
      const found = lineage.nodes.filter(({ node }) => Object.keys(node).length);
      expect(found).toHaveLength(1);
      const [thing] = found;
      const whole = await service.data<{ node: object }>(
        `query ($id: ID!) { node(id: $id) { ... on ${type} { ${field} } } }`,
        { id: thing?.id },
      );
      expect(thing?.node).toEqual(whole.node);
    },
  );

  it("fields asked for on all entities are read by the walk or in one statement, and no others", async () => {
    service.statements();
    const query = (fields: string) => `query ($of: [VersionRef!]!) { lineage(of: $of) { nodes { ...N } } }
        fragment N on LineageNode { node { ...V ... on Run { name } } } fragment V on Version { ${fields} }`;
    await service.data(query("uri createdAt"), { of: [of] });
    const lean = service.statements();
    await service.data(query("uri metadata"), { of: [of] });
    const full = service.statements();
    // Neo4j's walk returns plain fields along the way; Grafeo's goes level by level and reads them at the end.
    const brought = engine.name === "neo4j";
    expect(lean.filter((name) => name.startsWith("find-"))).toEqual(brought ? [] : ["find-entity-columns"]);
    expect(full.filter((name) => name.startsWith("find-"))).toEqual(["find-entities"]);
  });
});
