import type { WalkEdge, WalkNode } from "./graph-store.ts";

/** A node of a walk as both engines return it. */
export interface WalkRow {
  id: string;
  labels: string[];
  project: string;
  artifactKey: string | null;
}

const named = ["Version", "Run", "Step"] as const;

/** The node of a row; every node of a walk carries one of the three labels. */
export const walkNode = (row: WalkRow): WalkNode => {
  const label = named.find((name) => row.labels.includes(name));
  if (!label) throw new Error(`a node without a lineage label: ${row.labels.join()}`);
  return { id: row.id, label, project: row.project, artifactKey: row.artifactKey };
};

/** The edge between two ids, by its type in the graph. */
export const walkEdge = (from: string, to: string, type: string, slot: string, role: string): WalkEdge => ({
  from,
  to,
  kind: type === "PRODUCED" ? "PRODUCED" : "CONSUMED",
  slot,
  role,
});

/** A running count of what a walk counts against its limit. */
export const counter = (counted: "THING" | "VERSION" | "ARTIFACT") => {
  const seen = new Set<string>();
  return {
    add(node: WalkNode): void {
      if (counted === "THING") seen.add(node.id);
      else if (node.label === "Version") seen.add(counted === "VERSION" ? node.id : (node.artifactKey ?? node.id));
    },
    count: (): number => seen.size,
  };
};
