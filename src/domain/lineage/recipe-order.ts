import { groupBy } from "../group-by.ts";

/** A thing to be put in order, with what must come before it. */
export interface Ordered {
  id: string;
  before: readonly string[];
}

type Next = (id: string) => readonly string[];

/** What is reached from a thing and wasn't seen yet, each after what is reached from it. Without recursion: chains may be thousands long. */
const finished = (start: string, next: Next, seen: Set<string>): string[] => {
  if (seen.has(start)) return [];
  const done: string[] = [];
  const enter = (id: string) => {
    seen.add(id);
    return { id, rest: [...next(id)] };
  };
  const path = [enter(start)];
  for (let at = path.at(-1); at; at = path.at(-1)) {
    const other = at.rest.pop();
    if (other === undefined) done.push(path.pop()?.id ?? "");
    else if (!seen.has(other)) path.push(enter(other));
  }
  return done;
};

/**
 * Groups of ids, each after all that must come before it; more than one id in a group is a cycle. Among what may come in any order, and
 * within a group, the order given decides. (Kosaraju's strongly connected components.)
 */
export const orderGroups = (items: readonly Ordered[]): string[][] => {
  const rank = new Map(items.map(({ id }, i) => [id, i]));
  const inOrder = (a: string, b: string): number => (rank.get(a) ?? 0) - (rank.get(b) ?? 0);
  const before = new Map(items.map((item) => [item.id, item.before.filter((other) => rank.has(other))]));
  const edges = items.flatMap(({ id }) => (before.get(id) ?? []).map((first) => ({ first, id })));
  const after = groupBy(edges, (edge) => edge.first);
  const entered = new Set<string>();
  const afterOf: Next = (id) => (after.get(id) ?? []).map((edge) => edge.id);
  const sorted = [...items].reverse().flatMap(({ id }) => finished(id, afterOf, entered));
  const grouped = new Set<string>();
  const groups = sorted.reverse().map((id) => finished(id, (one) => before.get(one) ?? [], grouped));
  return groups.filter((group) => group.length).map((group) => group.sort(inOrder));
};
