import { Neo4jGraphQL } from "@neo4j/graphql";
import { type DocumentNode, graphql, parse, print } from "graphql";
import neo4j from "neo4j-driver";
import type { Neo4jAddress } from "../test/support/servers.ts";

const typeDefs = `
  type Version @node {
    id: ID! kind: String createdAt: Float uri: String
    producers: [Execution!]! @relationship(type: "PRODUCED", direction: IN, properties: "Slot")
  }
  type Execution @node {
    id: ID! name: String status: String
    inputs: [Version!]! @relationship(type: "CONSUMED_BY", direction: IN, properties: "Slot")
  }
  type Slot @relationshipProperties { slot: String role: String }`;

function versionSelection(levels: number): string {
  return levels
    ? `id kind createdAt producersConnection { edges { properties { slot role } node { id name status
        inputsConnection { edges { properties { slot role } node { ${versionSelection(levels - 1)} } } } } } }`
    : "id kind createdAt";
}

/** Queries for everything up to `levels` executions upstream of a version, by nested selection of `@neo4j/graphql`, in this process without HTTP. */
export async function createNestedSelection({ uri, user, password }: Neo4jAddress, levels: number) {
  const driver = neo4j.driver(uri, user ? neo4j.auth.basic(user, password ?? "") : undefined);
  const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
  const document: DocumentNode = parse(
    `query ($id: ID!) { versions(where: { id: { eq: $id } }) { ${versionSelection(levels)} } }`,
  );
  const source = print(document);
  return {
    ask: async (id: string): Promise<unknown> => {
      const { data, errors } = await graphql({ schema, source, variableValues: { id }, contextValue: { driver } });
      if (errors) throw new Error(errors.map(({ message }) => message).join());
      return data;
    },
    close: () => driver.close(),
  };
}

/** The number of distinct ids in an answer. */
export function countEntities(answer: unknown): number {
  const ids = new Set<string>();
  const visit = (value: unknown): void => {
    if (!value || typeof value !== "object") return;
    for (const [name, item] of Object.entries(value)) {
      if (name === "id") ids.add(String(item));
      else visit(item);
    }
  };
  visit(answer);
  return ids.size;
}
