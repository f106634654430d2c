import type { ArrowField } from "./arrow-schema.ts";
import type { Footer, SchemaElement } from "./footer.ts";

/** A field of the table with its place among the repetition and definition levels (see Dremel). */
export interface SchemaNode {
  element: SchemaElement;
  /** What it is for a reader: a value, an object, a list (one child: its items), or a map (two children: key and value). */
  kind: "value" | "struct" | "list" | "map";
  /** Definition levels from which on it is not null, and from which on it has an item where it repeats. */
  definition: number;
  itemDefinition: number;
  /** The repetition level at which a further item of it begins. */
  repetition: number;
  children: SchemaNode[];
  /** Position of a value's column among all leaf columns; -1 for the rest. */
  leaf: number;
  arrow: ArrowField | null;
}

interface Tree {
  element: SchemaElement;
  children: Tree[];
  leaf: number;
}

interface Levels {
  definition: number;
  repetition: number;
}

const maxDepth = 32;

/** The tree that follows from the order of the fields. */
function treeAt(elements: SchemaElement[], position: { at: number; leaf: number }, depth: number): Tree {
  const element = elements[position.at++];
  if (!element) throw new Error("the schema ends early");
  if (depth > maxDepth) throw new Error("columns are nested too deeply");
  const tree: Tree = { element, children: [], leaf: element.type ? position.leaf++ : -1 };
  for (let i = 0; i < element.children; i += 1) tree.children.push(treeAt(elements, position, depth + 1));
  return tree;
}

/** The items of a list: writers differ in whether the repeated field is the item or a group around it. */
function itemOf(list: Tree, repeated: Tree): Tree {
  const { name } = repeated.element;
  const [only] = repeated.children;
  const isItem = repeated.children.length !== 1 || name === "array" || name === `${list.element.name}_tuple`;
  return isItem || !only ? repeated : only;
}

function required(tree: Tree): Tree {
  return { ...tree, element: { ...tree.element, repetition: "required" } };
}

/** A field that holds others by its annotation, or null. */
function toCollection(tree: Tree, levels: Levels, arrow: ArrowField | null): SchemaNode | null {
  const [repeated, ...others] = tree.children;
  const kind = tree.element.logical?.kind;
  if ((kind !== "LIST" && kind !== "MAP") || others.length || repeated?.element.repetition !== "repeated") return null;
  const inner = { definition: levels.definition + 1, repetition: levels.repetition + 1 };
  const base = { element: tree.element, leaf: -1, arrow, definition: levels.definition };
  const place = { ...base, itemDefinition: inner.definition, repetition: inner.repetition };
  const entry = arrow?.children[0] ?? null;
  if (kind === "MAP") {
    if (repeated.children.length !== 2) return null;
    return { ...place, kind: "map", children: toNodes(repeated.children, inner, entry) };
  }
  const item = itemOf(tree, repeated);
  const child = item === repeated ? required(item) : item;
  return { ...place, kind: "list", children: [toNode(child, inner, entry)] };
}

function toNodes(trees: Tree[], levels: Levels, parent: ArrowField | null): SchemaNode[] {
  return trees.map((tree, i) => toNode(tree, levels, parent?.children[i] ?? null));
}

function toNode(tree: Tree, outer: Levels, arrow: ArrowField | null): SchemaNode {
  const { element } = tree;
  if (element.repetition === "repeated") {
    // A repeated field without an annotation around it is a list of what it holds.
    const inner = { definition: outer.definition + 1, repetition: outer.repetition + 1 };
    const place = { definition: outer.definition, itemDefinition: inner.definition, repetition: inner.repetition };
    const item = toNode(required(tree), inner, arrow?.children[0] ?? null);
    return { element, kind: "list", ...place, children: [item], leaf: -1, arrow };
  }
  const definition = outer.definition + (element.repetition === "optional" ? 1 : 0);
  const levels = { definition, repetition: outer.repetition };
  const collection = toCollection(tree, levels, arrow);
  if (collection) return collection;
  const place = { element, definition, itemDefinition: definition, repetition: outer.repetition, arrow };
  if (element.type) return { ...place, kind: "value", children: [], leaf: tree.leaf };
  return { ...place, kind: "struct", children: toNodes(tree.children, levels, arrow), leaf: -1 };
}

/** The first columns of a table, as many as the footer's fields suffice for. */
export function toColumns(footer: Footer, maxColumns: number, arrow: ArrowField[]): SchemaNode[] {
  const position = { at: 1, leaf: 0 };
  const columns: SchemaNode[] = [];
  const count = Math.min(footer.columnCount, maxColumns);
  while (columns.length < count && position.at < footer.elements.length) {
    // Arrow lists the same columns in the same order.
    const field = arrow[columns.length] ?? null;
    columns.push(toNode(treeAt(footer.elements, position, 0), { definition: 0, repetition: 0 }, field));
  }
  return columns;
}

/** The values' columns below a field, in their order. */
export function leavesOf(node: SchemaNode): SchemaNode[] {
  return node.kind === "value" ? [node] : node.children.flatMap(leavesOf);
}
