import type { AsOf } from "../domain/core/as-of.ts";
import { getColumnsFor } from "../domain/core/entities.ts";
import { type LineageNode, Restricted } from "../model/lineage.ts";
import type { Context } from "./context.ts";
import { namesOf, type Selecting, selectedOf } from "./selection.ts";

/** What is asked of the things themselves, where nodes are asked for; null where they aren't. */
function askedOfThings({ fieldNodes, fragments }: Selecting): string[] | null {
  const asked = selectedOf({ fieldNodes, fragments }).filter(({ name }) => name.value === "node");
  return asked.length ? namesOf(selectedOf({ fieldNodes: asked, fragments })) : null;
}

/** The properties that suffice for what a document asks of the things in a lineage; null for none, or for all. */
export function requestedColumns({ fieldNodes, fragments }: Selecting): string[] | null {
  const nodes = selectedOf({ fieldNodes, fragments }).filter(({ name }) => name.value === "nodes");
  const asked = askedOfThings({ fieldNodes: nodes, fragments });
  return asked && getColumnsFor(asked);
}

/**
 * The nodes of a lineage or a path, where the document asks for it with their things: loaded together before the first is
 * answered, because thousands of separate waits would cost more than the loading.
 */
export async function withEntities(
  { nodes, asOf = null }: { nodes: LineageNode[]; asOf?: AsOf },
  { loaders }: Context,
  selecting: Selecting,
): Promise<LineageNode[]> {
  const asked = askedOfThings(selecting);
  if (!asked) return nodes;
  const ids = nodes.flatMap(({ id, restricted, node }) => (restricted || node ? [] : [id]));
  const things = await loaders.at({ asOf }).thingsWith(asked).loadMany(ids);
  const found = new Map(ids.map((id, i) => [id, things[i] as LineageNode["node"]]));
  const thingOf = ({ id, restricted, node }: LineageNode) =>
    restricted ? Object.assign(new Restricted(), { id }) : (node ?? found.get(id));
  return nodes.map((one) => ({ ...one, node: thingOf(one) }));
}
