import { at, findComponents, groupLinks } from "./strongly-connected.ts";

/** An item to be ordered, with the ids of those that must come before it. */
export interface OrderedItem {
  id: string;
  before: readonly string[];
}

/**
 * Groups of ids, each after all that must come before it; a group of several ids is a cycle. The given order is kept as far as the constraints allow, and
 * within groups. Ids in `before` that are not among the items are ignored.
 */
export function topologicalGroups(items: readonly OrderedItem[]): string[][] {
  const indexes = new Map(items.map(({ id }, i) => [id, i]));
  const pairs = items.flatMap(({ before }, i) =>
    before.flatMap((other) => {
      const index = indexes.get(other);
      return index === undefined ? [] : [{ from: i, to: index }];
    }),
  );
  const froms = Int32Array.from(pairs, ({ from }) => from);
  const tos = Int32Array.from(pairs, ({ to }) => to);
  const { component, components } = findComponents(items.length, groupLinks(items.length, froms, tos));
  const groups = Array.from({ length: components }, (): string[] => []);
  for (const [i, { id }] of items.entries()) groups[at(component, i)]?.push(id);
  return groups;
}
