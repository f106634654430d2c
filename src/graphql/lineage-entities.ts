import type { AsOf } from "../domain/core/as-of.ts";
import { getColumnsFor } from "../domain/core/entities.ts";
import { type LineageNode, Restricted } from "../model/lineage.ts";
import type { Context } from "./context.ts";
import { getFieldNames, getSelectedFields, type Selection } from "./selection.ts";

/** The fields that a document selects of entities, if it selects `node`; null if it doesn't. */
function getEntityFields({ fieldNodes, fragments }: Selection): string[] | null {
  const nodes = getSelectedFields({ fieldNodes, fragments }).filter(({ name }) => name.value === "node");
  return nodes.length ? getFieldNames(getSelectedFields({ fieldNodes: nodes, fragments })) : null;
}

/** The properties that suffice for the fields that a document selects of the entities of a lineage; null for no entities, or for all properties. */
export function requestedColumns({ fieldNodes, fragments }: Selection): string[] | null {
  const nodes = getSelectedFields({ fieldNodes, fragments }).filter(({ name }) => name.value === "nodes");
  const fields = getEntityFields({ fieldNodes: nodes, fragments });
  return fields && getColumnsFor(fields);
}

/**
 * The nodes of a lineage or a path with their entities, if the document selects those. They are loaded together, because waiting for thousands of them one by
 * one would cost more than loading them.
 */
export async function withEntities(
  { nodes, asOf = null }: { nodes: LineageNode[]; asOf?: AsOf },
  { loaders }: Context,
  selection: Selection,
): Promise<LineageNode[]> {
  const fields = getEntityFields(selection);
  if (!fields) return nodes;
  const ids = nodes.flatMap(({ id, restricted, node }) => (restricted || node ? [] : [id]));
  const entities = await loaders.at({ asOf }).entitiesWith(fields).loadMany(ids);
  // A lineage holds no other kinds of entities; an Error among them is thrown by graphql-js where the node is answered.
  const found = new Map(ids.map((id, i) => [id, entities[i] as LineageNode["node"]]));
  const entityOf = ({ id, restricted, node }: LineageNode) =>
    restricted ? Object.assign(new Restricted(), { id }) : (node ?? found.get(id));
  return nodes.map((node) => ({ ...node, node: entityOf(node) }));
}
