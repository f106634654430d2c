import { fillTemplate } from "../../lib/cypher-files.ts";
import type { WalkBounds } from "../../ports/graph-store.ts";

type Side = "UPSTREAM" | "DOWNSTREAM";

function arrow(side: Side) {
  return side === "UPSTREAM" ? { from: "<", to: "" } : { from: "", to: ">" };
}

/** A hop bound can't be a parameter; the planner prunes only when it is above 1 (and at 0 there is nothing to prune). */
function hopsOf({ depth }: WalkBounds): string {
  return String(Math.trunc(depth) * 2);
}

/** What all nodes and edges of a way must fulfil: predicates of this form keep the pruning. */
function entersOf({ stopIf, asOf = null }: WalkBounds): string[] {
  return [
    ...(stopIf === null ? [] : [`all(item IN nodes(p) WHERE item.id IN roots OR NOT ${stopIf})`]),
    ...(asOf === null ? [] : ["all(e IN relationships(p) WHERE e.at <= $asOf)"]),
  ];
}

function sideText(bounds: WalkBounds, side: Side): string {
  const { stopIf } = bounds;
  const marks = { ...arrow(side), hops: hopsOf(bounds) };
  const enters = entersOf(bounds);
  return fillTemplate("walk/side", {
    stopped: stopIf === null ? "" : `\n${fillTemplate("walk/stopped", { ...marks, stops: stopIf })}`,
    ...marks,
    reached: stopIf === null ? "n AS item" : "item",
    enters: enters.length ? ` WHERE ${enters.join(" AND ")}` : "",
    side: side === "UPSTREAM" ? "1" : "0",
  });
}

function coneText(bounds: WalkBounds): string {
  const sides: Side[] = bounds.direction === "BOTH" ? ["DOWNSTREAM", "UPSTREAM"] : [bounds.direction];
  return fillTemplate("walk/cone", {
    sides: sides.map((side) => sideText(bounds, side)).join("\n    UNION ALL\n"),
    shown: bounds.showIf === null ? "" : ` WHERE item.id IN roots OR ${bounds.showIf}`,
  });
}

const keys = {
  EXECUTION: "item.id",
  // Only versions have an artifact: executions drop out.
  VERSION: "CASE WHEN item:Version THEN item.id END",
  ARTIFACT: "item.artifactKey",
};
const named = {
  VERSION: "WITH key AS id, key, project, artifactKey, rank",
  ARTIFACT: "MATCH (a:Artifact {key: key}) WITH a.id AS id, key, project, artifactKey, rank",
};

/** The texts of the statements of a walk. */
export function walkTexts(bounds: WalkBounds) {
  const { direction, shown } = bounds;
  const cone = coneText(bounds);
  const key = keys[shown];
  const joins = fillTemplate("walk/joins", { key });
  return {
    // Edges upstream come into what is reached; so does, whatever its other end, each edge between two things of both sides.
    things: () => fillTemplate("walk/things", { cone, ...arrow(direction === "DOWNSTREAM" ? direction : "UPSTREAM") }),
    levels: () => fillTemplate("walk/levels", { cone, key }),
    derived: () =>
      fillTemplate("walk/derived", {
        cone,
        key,
        joins,
        named: shown === "ARTIFACT" ? named.ARTIFACT : named.VERSION,
      }),
    keptJoins: () => fillTemplate("walk/kept-joins", { cone, key, joins }),
    edgesInto: () => fillTemplate("walk/edges-into", {}),
  };
}
