import type { AsOf } from "../domain/as-of.ts";
import { type LineageNode, Restricted } from "../model/lineage.ts";
import type { Context } from "./context.ts";
import { namesOf, type Selecting, selectedOf } from "./selection.ts";

/**
 * The nodes of a lineage or a path, where the document asks for it with their things: all at once before the first is answered, for thousands of
 * answers that each wait cost more than what they wait for.
 */
export const withThings = (
  { nodes, asOf = null }: { nodes: LineageNode[]; asOf?: AsOf },
  { loaders }: Context,
  { fieldNodes, fragments }: Selecting,
): LineageNode[] | Promise<LineageNode[]> => {
  const asked = selectedOf({ fieldNodes, fragments }).filter(({ name }) => name.value === "node");
  if (!asked.length) return nodes;
  const loader = loaders.at({ asOf }).thingsWith(namesOf(selectedOf({ fieldNodes: asked, fragments })));
  const ids = nodes.flatMap(({ id, restricted }) => (restricted ? [] : [id]));
  return loader.loadMany(ids).then((things) => {
    const found = new Map(ids.map((id, i) => [id, things[i]]));
    const thingOf = (id: string) => found.get(id) as LineageNode["node"];
    return nodes.map(({ id, depth, restricted }) => ({
      ...{ id, depth, restricted },
      node: restricted ? Object.assign(new Restricted(), { id }) : thingOf(id),
    }));
  });
};
