import { randomUUID } from "node:crypto";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import type { Params, Statement } from "../../src/ports/statement.ts";

function say(text: string): Statement<Params, never> {
  return { name: "bulk", text };
}
const createArtifacts = say("UNWIND $rows AS row CREATE (a:Entity:Artifact) SET a = row");
/** Creates versions as create-versions does, with one tag, label, alias and two metadata values each. */
const createVersions = say(`UNWIND $rows AS row
  MATCH (a:Artifact {key: row.v.artifactKey})
  CREATE (v:Entity:Version) SET v = row.v
  CREATE (v)-[:VERSION_OF]->(a)
  CREATE (v)-[:HAS_TAG]->(:Tag {name: row.tag, project: row.v.project})
  CREATE (v)-[:HAS_LABEL]->(:Label {key: 'owner', value: row.owner, project: row.v.project})
  CREATE (v)-[:HAS_METADATA]->(:Metadata {key: row.score, type: 'INTEGER', number: row.number, project: row.v.project})
  CREATE (v)-[:HAS_METADATA]->(:Metadata {key: row.name, type: 'STRING', text: row.text, sort: row.sort, project: row.v.project})
  CREATE (s:Selector {key: row.v.artifactKey + ':' + row.alias, artifactKey: row.v.artifactKey, name: row.alias, fixed: false})
  CREATE (s)-[:POINTS_TO]->(v)`);

const perArtifact = 10;
const batch = 1_000;

function rowOf(project: string, i: number) {
  const artifact = `artifact-${Math.trunc(i / perArtifact)}`;
  const key = `${project}/${artifact}`;
  const number = (i % perArtifact) + 1;
  const createdAt = i * 1_000;
  const row = {
    ...{
      id: randomUUID(),
      key: `${key}:${number}`,
      project,
      artifactKey: key,
      artifact,
      number,
      kind: "MODEL",
      state: "READY",
    },
    ...{
      metadata: JSON.stringify({ [project]: { score: i, name: `name ${i}` } }),
      author: "bulk",
      createdAt,
      updatedAt: createdAt,
    },
    ...{
      digest: `sha256:${String(i).padStart(64, "0")}`,
      size: i,
      location: `s3://bulk/${i}`,
      text: artifact,
      nameKey: artifact,
    },
  };
  const keys = {
    score: `${project}.score`,
    name: `${project}.name`,
    number: i,
    text: `name ${i}`,
    sort: Buffer.from(`name ${i}`).toString("hex"),
  };
  return { v: row, tag: `${project}-tag-${i}`, owner: `${project}-owner-${i}`, alias: `champion-${i}`, ...keys };
}

/**
 * Inserts `count` versions, 10 per artifact, directly into a store: version i has the tag `<project>-tag-<i>`, the label owner
 * `<project>-owner-<i>`, the alias `champion-<i>`, the metadata `<project>.score` i and `<project>.name` "name i", logged at second i of 1970.
 */
export async function bulkVersions(graph: GraphStore, project: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    const rows = Array.from({ length: Math.min(batch, count - from) }, (_, i) => rowOf(project, from + i));
    const artifacts = rows
      .filter(({ v }) => v.number === 1)
      .map(({ v }) => ({
        ...{
          id: randomUUID(),
          key: v.artifactKey,
          project,
          name: v.artifact,
          kind: "MODEL",
          number: perArtifact,
          clock: v.createdAt,
        },
        ...{ createdAt: v.createdAt, updatedAt: v.createdAt, text: v.artifact, nameKey: v.artifact },
      }));
    await graph.write(async (tx) => {
      await tx.run(createArtifacts, { rows: artifacts });
      await tx.run(createVersions, { rows });
    });
  }
}
