import type { Granularity } from "../model/enums.ts";
import type { WalkEdge, WalkNode } from "../ports/graph-store.ts";
import { groupBy } from "./group.ts";

/** What a walk reached: nodes by id, their signed depths, and edges that may have ends outside. */
export interface Cone {
  nodes: Map<string, WalkNode>;
  depths: Map<string, number>;
  edges: WalkEdge[];
  /** The edges join what executions stood between. */
  derived?: boolean;
}

/** Whether a signed depth is nearer to the roots than another; downstream wins where both are equal. */
export const nearer = (depth: number, known: number | undefined): boolean =>
  known === undefined || Math.abs(depth) < Math.abs(known) || (Math.abs(depth) === Math.abs(known) && depth > known);

const nothing = { slot: "", role: "", kind: "PRODUCED" } as const;

/** Versions alone, joined where an execution read one and made the other. */
const versionsOnly = (cone: Cone): Cone => {
  const nodes = new Map([...cone.nodes].filter(([, node]) => node.label === "Version"));
  const consumed = groupBy(
    cone.edges.filter((edge) => edge.kind === "CONSUMED" && cone.nodes.has(edge.to)),
    (edge) => edge.to,
  );
  const produced = groupBy(
    cone.edges.filter((edge) => edge.kind === "PRODUCED"),
    (edge) => edge.from,
  );
  const pairs = new Map<string, WalkEdge>();
  for (const [execution, inputs] of consumed) {
    const made = new Set((produced.get(execution) ?? []).map((edge) => edge.to).filter((id) => nodes.has(id)));
    for (const from of new Set(inputs.map((edge) => edge.from).filter((id) => nodes.has(id)))) {
      for (const to of made) pairs.set(`${from} ${to}`, { from, to, ...nothing });
    }
  }
  return { nodes, depths: cone.depths, edges: [...pairs.values()], derived: true };
};

/** Artifacts by key, each as near as its nearest version. */
const artifactsOnly = (cone: Cone): Cone => {
  const versions = versionsOnly(cone);
  const keyOf = (id: string): string => versions.nodes.get(id)?.artifactKey ?? id;
  const nodes = new Map<string, WalkNode>();
  const depths = new Map<string, number>();
  for (const [id, node] of versions.nodes) {
    const key = keyOf(id);
    const depth = cone.depths.get(id) ?? 0;
    const known = depths.get(key);
    if (nearer(depth, known)) depths.set(key, depth);
    nodes.set(key, { ...node, id: key });
  }
  const pairs = versions.edges.map((edge) => ({ ...edge, from: keyOf(edge.from), to: keyOf(edge.to) }));
  return { nodes, depths, edges: pairs, derived: true };
};

/** The cone as versions and executions, as versions alone, or as artifacts. */
export const atGranularity = (cone: Cone, granularity: Granularity): Cone => {
  if (granularity === "EXECUTION") return cone;
  return granularity === "VERSION" ? versionsOnly(cone) : artifactsOnly(cone);
};
