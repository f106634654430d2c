import { fillTemplate } from "../../lib/cypher-files.ts";
import type { WalkBounds } from "../../ports/graph-store.ts";

type Side = "UPSTREAM" | "DOWNSTREAM";

function toArrow(side: Side) {
  return side === "UPSTREAM" ? { from: "<", to: "" } : { from: "", to: ">" };
}

/** A bound on hops can't be a parameter. The planner prunes only when it is above 1, and at 0 there is nothing to prune. */
function toMaxHops({ depth }: WalkBounds): string {
  return String(Math.trunc(depth) * 2);
}

/** What all nodes and edges of a path must fulfill; predicates of this form don't keep the planner from pruning. */
function toPathConditions({ stopIf, asOf = null }: WalkBounds): string[] {
  return [
    ...(stopIf === null ? [] : [`all(item IN nodes(p) WHERE item.id IN roots OR NOT ${stopIf})`]),
    ...(asOf === null ? [] : ["all(e IN relationships(p) WHERE e.at <= $asOf)"]),
  ];
}

function sideText(bounds: WalkBounds, side: Side): string {
  const { stopIf } = bounds;
  const marks = { ...toArrow(side), hops: toMaxHops(bounds) };
  const conditions = toPathConditions(bounds);
  return fillTemplate("walk/side", {
    stopped: stopIf === null ? "" : `\n${fillTemplate("walk/stop-nodes", { ...marks, stops: stopIf })}`,
    ...marks,
    reached: stopIf === null ? "n AS item" : "item",
    conditions: conditions.length ? ` WHERE ${conditions.join(" AND ")}` : "",
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
  // Executions have no such key and drop out.
  VERSION: "CASE WHEN item:Version THEN item.id END",
  ARTIFACT: "item.artifactKey",
};
const idLookups = {
  VERSION: "WITH key AS id, key, project, artifactKey, rank",
  ARTIFACT: "MATCH (a:Artifact {key: key}) WITH a.id AS id, key, project, artifactKey, rank",
};

/** The texts of the statements of a walk, each built when it is needed. */
export function walkTexts(bounds: WalkBounds) {
  const { direction, shown } = bounds;
  const cone = coneText(bounds);
  const key = keys[shown];
  const joins = fillTemplate("walk/joins", { key });
  return {
    // Reading the edges that come into each node finds those of an upstream walk, and every edge between two nodes of a walk both ways.
    entities: () =>
      fillTemplate("walk/entities", { cone, ...toArrow(direction === "DOWNSTREAM" ? direction : "UPSTREAM") }),
    levels: () => fillTemplate("walk/levels", { cone, key }),
    derived: () =>
      fillTemplate("walk/derived", {
        cone,
        key,
        joins,
        idLookup: shown === "ARTIFACT" ? idLookups.ARTIFACT : idLookups.VERSION,
      }),
    shownJoins: () => fillTemplate("walk/joins-of-shown", { cone, key, joins }),
  };
}
