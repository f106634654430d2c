import { at, findComponents, groupLinks } from "./strongly-connected.ts";

/** A thing to be put in order, with what must come before it. */
export interface OrderedItem {
  id: string;
  before: readonly string[];
}

/**
 * Groups of ids, each after all that must come before it; more than one id in a group is a cycle. Nothing comes earlier than the order given has it,
 * but for what something else needs; within a group the order given decides. What is needed and isn't among the things is passed over.
 */
export function topologicalGroups(things: readonly OrderedItem[]): string[][] {
  const places = new Map(things.map(({ id }, i) => [id, i]));
  const pairs = things.flatMap(({ before }, i) =>
    before.flatMap((other) => {
      const place = places.get(other);
      return place === undefined ? [] : [{ from: i, to: place }];
    }),
  );
  const froms = Int32Array.from(pairs, ({ from }) => from);
  const tos = Int32Array.from(pairs, ({ to }) => to);
  const { component, components } = findComponents(things.length, groupLinks(things.length, froms, tos));
  const groups = Array.from({ length: components }, (): string[] => []);
  for (const [i, { id }] of things.entries()) groups[at(component, i)]?.push(id);
  return groups;
}
