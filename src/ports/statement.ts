import * as v from "valibot";
import { cypherText } from "../lib/cypher-files.ts";

/** The values that a statement's parameters and rows are made of; whole numbers reach the engine as integers. */
export type Value = null | undefined | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/** The parameters of a statement, by name. */
export type Params = { readonly [name: string]: Value };

/** Sets absent properties of a row, or of a value in it, to null. */
type Fill = (value: never) => void;

/** A named Cypher statement: the parameters that it takes and what each of its rows holds. */
export interface Statement<P, R> {
  readonly name: string;
  readonly text: string;
  /** What parameters and rows must look like; checked in tests and during development (`checkedStore`), not in production. */
  readonly schema?: { readonly params: v.GenericSchema; readonly row: v.GenericSchema };
  /** Engines leave absent properties of a node out; this sets those that the row type allows to be null, in place. Null where a row has none. */
  readonly fillNulls?: Fill | null;
  /** Carries the inferred types; never set. */
  readonly types?: (params: P) => R;
}

/** Any value that the engines store, for parameters whose shape is checked elsewhere. */
export const anyValue = v.custom<Value>(() => true);

/** A property that may be absent: it reaches the domain as null. */
export function nullable<T extends v.GenericSchema>(schema: T): v.NullishSchema<T, null> {
  return v.nullish(schema, null);
}

function compileValueFill(schema: v.GenericSchema): Fill | null {
  if ("entries" in schema) return compileFill(schema.entries as v.ObjectEntries);
  if (schema.type !== "array" || !("item" in schema)) return null;
  const fill = compileValueFill(schema.item as v.GenericSchema);
  return fill && ((list: never[]) => list.forEach(fill));
}

/** Compiles what `fillNulls` does for these entries; null when none of them, at any depth, may be absent. */
function compileFill(entries: v.ObjectEntries): Fill | null {
  const steps = Object.entries(entries).flatMap(([key, schema]) => {
    const inner = compileValueFill("wrapped" in schema ? (schema.wrapped as v.GenericSchema) : schema);
    const mayBeAbsent = schema.type === "nullish";
    return mayBeAbsent || inner ? [{ key, mayBeAbsent, inner }] : [];
  });
  if (!steps.length) return null;
  return (row: Record<string, unknown>) => {
    for (const { key, mayBeAbsent, inner } of steps) {
      const value = row[key];
      if (value === undefined && mayBeAbsent) row[key] = null;
      else if (inner && value !== null && value !== undefined) inner(value as never);
    }
  };
}

const compiled = new WeakMap<v.ObjectEntries, Fill | null>();

function fillFor(row: v.ObjectEntries): Fill | null {
  const known = compiled.get(row);
  if (known !== undefined) return known;
  const fill = compileFill(row);
  compiled.set(row, fill);
  return fill;
}

type Output<E extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<E, undefined>>;

/**
 * Declares a statement beside the domain function that uses it. The types of its parameters and rows are inferred from their schemas. Throws
 * at start-up when cypher/ has no statement of that name.
 */
export function statement<P extends v.ObjectEntries, R extends v.ObjectEntries>(declaration: {
  name: string;
  params: P;
  row: R;
}): Statement<Output<P>, Output<R>>;
/** To be replaced by a declaration with schemas. */
export function statement<P extends Params, R>(name: string): Statement<P, R>;
export function statement(
  declaration: string | { name: string; params: v.ObjectEntries; row: v.ObjectEntries },
): Statement<never, unknown> {
  if (typeof declaration === "string") return { name: declaration, text: cypherText(declaration) };
  const { name, params, row } = declaration;
  return {
    name,
    text: cypherText(name),
    schema: { params: v.object(params), row: v.object(row) },
    fillNulls: fillFor(row),
  };
}

const anyParams = v.record(v.string(), anyValue);

/** A statement whose text was built from a template; it takes the parameters that the text names. */
export function builtStatement<R extends v.ObjectEntries>(
  name: string,
  text: string,
  row: R,
): Statement<Params, Output<R>> {
  return { name, text, schema: { params: anyParams, row: v.object(row) }, fillNulls: fillFor(row) };
}
