import fc from "fast-check";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import type { PlainGraph, PlainVersion } from "../oracle/answers.ts";
import { say } from "../support/walks.ts";

/** A graph without ids: versions and executions by their indexes. */
export interface Plan {
  versions: { artifact: number; deleted: boolean; aliases: string[] }[];
  executions: boolean[];
  edges: { version: number; execution: number; reads: boolean; slot: string; role: string }[];
}

/** Small graphs with cycles, self-loops, tombstones, several slots, and nodes that not every actor may read. */
export const plans: fc.Arbitrary<Plan> = fc
  .record({ versions: fc.integer({ min: 2, max: 9 }), executions: fc.integer({ min: 1, max: 7 }) })
  .chain(({ versions, executions }) =>
    fc.record({
      versions: fc.array(
        fc.record({
          artifact: fc.nat(3),
          deleted: fc.nat(5).map((n) => n === 0),
          aliases: fc.subarray(["best", "candidate"], { maxLength: 2 }),
        }),
        { minLength: versions, maxLength: versions },
      ),
      executions: fc.array(
        fc.nat(4).map((n) => n === 0),
        { minLength: executions, maxLength: executions },
      ),
      edges: fc.array(
        fc.record({
          version: fc.nat(versions - 1),
          execution: fc.nat(executions - 1),
          reads: fc.boolean(),
          slot: fc.constantFrom("", "a", "b"),
          role: fc.constantFrom("", "r"),
        }),
        { minLength: 4, maxLength: 24, size: "max" },
      ),
    }),
  );

/** A version with the alias `candidate` is also in staging. */
function stagesOf({ aliases }: Pick<PlainVersion, "aliases">): string[] {
  return aliases.includes("candidate") ? ["staging"] : [];
}

/** The plan with ids in two projects: secret nodes and artifact 0 are in the second. An artifact's alias is on its last version. */
export function graphOf(plan: Plan, open: string, secret: string): PlainGraph {
  const numbers = new Map<number, number>();
  const taken = new Set<string>();
  const versions = plan.versions.map(({ artifact, deleted, aliases }, i): PlainVersion => {
    const number = (numbers.get(artifact) ?? 0) + 1;
    numbers.set(artifact, number);
    const project = artifact === 0 ? secret : open;
    const own = deleted ? [] : aliases.filter((alias) => !taken.has(`${artifact}:${alias}`));
    for (const alias of own) taken.add(`${artifact}:${alias}`);
    return { id: idOf(`v${i}`, open), artifact: `a${artifact}`, project, number, deleted, aliases: own };
  });
  const executions = plan.executions.map((hidden, i) => ({ id: idOf(`x${i}`, open), project: hidden ? secret : open }));
  const edges = plan.edges.map(({ version, execution, reads, slot, role }) => {
    const [v, x] = [versions[version]?.id ?? "", executions[execution]?.id ?? ""];
    return reads ? { from: v, to: x, slot, role } : { from: x, to: v, slot, role };
  });
  return { versions, executions, edges: [...new Map(edges.map((edge) => [JSON.stringify(edge), edge])).values()] };
}

/** An id of full length, so that it is never a prefix of another. */
function idOf(name: string, project: string): string {
  return `${name}-${project}-`.padEnd(36, "0");
}

const createVersions = say(`UNWIND $rows AS row
  CREATE (v:Entity:Version) SET v = row.v
  FOREACH (alias IN row.aliases |
    CREATE (:Selector {key: row.v.artifactKey + ':' + alias, artifactKey: row.v.artifactKey, name: alias, fixed: false})-[:POINTS_TO]->(v))
  FOREACH (stage IN row.stages |
    CREATE (:Holder {place: row.v.artifactKey + ':' + stage, project: row.v.project, artifactKey: row.v.artifactKey, stage: stage, version: row.v.id, number: row.v.number, since: 1, promotion: ''}))`);
const createExecutions = say("UNWIND $rows AS row CREATE (x:Entity:Execution:Run) SET x = row");
function link(type: string) {
  return say(`UNWIND $rows AS row MATCH (a:Entity {id: row.from}) MATCH (b:Entity {id: row.to})
    CREATE (a)-[:${type} {slot: row.slot, role: row.role, rank: row.from, at: 1}]->(b)`);
}

function versionRow({ id, artifact, project, number, deleted }: PlainVersion, i: number) {
  const artifactKey = `${project}/${artifact}`;
  const names = { id, key: `${artifactKey}:${number}`, project, artifactKey, artifact, number };
  const state = deleted ? "DELETED" : "READY";
  const rest = { kind: "MODEL", author: "test", createdAt: i, updatedAt: i, text: artifact, nameKey: artifact };
  return { ...names, state, metadata: "{}", ...rest };
}

function executionRow({ id, project }: PlainGraph["executions"][number], i: number) {
  return {
    ...{ id, label: "Run", project, name: id, status: "COMPLETED", parameters: "{}", metadata: "{}", metrics: "{}" },
    ...{
      author: "test",
      createdAt: i,
      clock: i,
      heartbeatAt: i,
      rank: id,
      runId: id,
      runName: id,
      nameKey: id,
      text: id,
    },
  };
}

/** Inserts a graph directly into a store. */
export function insert(store: GraphStore, { versions, executions, edges }: PlainGraph): Promise<void> {
  return store.write(async (tx) => {
    await tx.run(createVersions, {
      rows: versions.map((version, i) => ({
        v: versionRow(version, i),
        aliases: version.aliases,
        stages: stagesOf(version),
      })),
    });
    await tx.run(createExecutions, { rows: executions.map(executionRow) });
    const isVersion = new Set(versions.map(({ id }) => id));
    await tx.run(link("CONSUMED_BY"), {
      rows: edges.filter(({ from }) => isVersion.has(from)).map((edge) => ({ ...edge })),
    });
    await tx.run(link("PRODUCED"), { rows: edges.filter(({ to }) => isVersion.has(to)).map((edge) => ({ ...edge })) });
  });
}
