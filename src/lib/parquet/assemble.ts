import type { Json, Remarks } from "./cell.ts";
import { toJson } from "./cell.ts";
import { type ColumnType, typeOf } from "./column-type.ts";
import type { LeafData } from "./leaf.ts";
import { leavesOf, type SchemaNode } from "./schema.ts";

/** Items of a list that are shown. */
const maxItems = 1_000;

/** Where reading is within the entries of a value's column. */
interface Cursor {
  data: LeafData;
  entry: number;
  value: number;
}

/** Builds the cells of one column from the entries of the value columns below it. */
class Assembler {
  private readonly cursors = new Map<number, Cursor>();
  private readonly leaves = new Map<SchemaNode, SchemaNode[]>();
  private readonly types = new Map<SchemaNode, ColumnType>();
  constructor(
    private readonly remarks: Remarks,
    data: Map<number, LeafData>,
  ) {
    for (const [leaf, read] of data) this.cursors.set(leaf, { data: read, entry: 0, value: 0 });
  }

  private leavesBelow(node: SchemaNode): SchemaNode[] {
    const known = this.leaves.get(node) ?? leavesOf(node);
    this.leaves.set(node, known);
    return known;
  }

  private type(node: SchemaNode): ColumnType {
    const known = this.types.get(node) ?? typeOf(node);
    this.types.set(node, known);
    return known;
  }

  private cursor(node: SchemaNode): Cursor {
    const [first] = this.leavesBelow(node);
    const cursor = first && this.cursors.get(first.leaf);
    if (!cursor) throw new Error("a value's column was not read");
    return cursor;
  }

  /** The definition level of the next entry below a field. */
  private level(node: SchemaNode): number {
    const { data, entry } = this.cursor(node);
    const level = data.definitions[entry];
    if (level === undefined) throw new Error("value columns of one column differ in their rows");
    return level;
  }

  /** Passes the one entry that every value column below has for a null or an empty list. */
  private pass(node: SchemaNode): void {
    for (const leaf of this.leavesBelow(node)) this.cursor(leaf).entry += 1;
  }

  /** Passes the items that are left of a list, without building them. */
  private passItems(list: SchemaNode): void {
    for (const leaf of this.leavesBelow(list)) {
      const cursor = this.cursor(leaf);
      const { repetitions, definitions } = cursor.data;
      while ((repetitions[cursor.entry] ?? 0) >= list.repetition) {
        if (definitions[cursor.entry] === leaf.definition) cursor.value += 1;
        cursor.entry += 1;
      }
    }
  }

  next(node: SchemaNode): Json {
    if (node.kind === "value") return this.nextValue(node);
    if (this.level(node) < node.definition) {
      this.pass(node);
      return null;
    }
    if (node.kind === "struct")
      return Object.fromEntries(node.children.map((child) => [child.element.name, this.next(child)]));
    return this.nextItems(node);
  }

  private nextValue(node: SchemaNode): Json {
    const cursor = this.cursor(node);
    const isNull = this.level(node) < node.definition;
    cursor.entry += 1;
    if (isNull) return null;
    const value = cursor.data.values[cursor.value++];
    if (value === undefined) throw new Error("a value is missing");
    return toJson(value, node.element.type, this.type(node), this.remarks);
  }

  private nextItems(node: SchemaNode): Json[] {
    const items: Json[] = [];
    if (this.level(node) < node.itemDefinition) {
      this.pass(node);
      return items;
    }
    const cursor = this.cursor(node);
    do {
      const [first, ...others] = node.children.map((child) => this.next(child));
      items.push(node.kind === "map" ? [first ?? null, ...others] : (first ?? null));
    } while (cursor.data.repetitions[cursor.entry] === node.repetition && items.length < maxItems);
    if (cursor.data.repetitions[cursor.entry] === node.repetition) {
      this.remarks.isCut = true;
      this.passItems(node);
    }
    return items;
  }
}

/** The first cells of a column, at most as many rows as were read of all its value columns. */
export function assembleColumn(node: SchemaNode, data: Map<number, LeafData>, remarks: Remarks): Json[] {
  const assembler = new Assembler(remarks, data);
  const rows = Math.min(...Array.from(data.values(), (leaf) => leaf.rows));
  return Array.from({ length: rows }, () => assembler.next(node));
}
