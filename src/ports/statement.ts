import * as v from "valibot";
import { cypherText } from "../lib/cypher-files.ts";
import { isRecord } from "../lib/is-record.ts";

/** The values that a statement's parameters and rows are made of; whole numbers reach the engine as integers. */
export type Value = null | undefined | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/** The parameters of a statement, by name. */
export type Params = { readonly [name: string]: Value };

/** Sets absent properties of a value, and of the values in it, to null, in place. */
type Fill = (value: unknown) => void;

/** A named Cypher statement: the parameters that it takes and what each of its rows holds. */
export interface Statement<P, R> {
  readonly name: string;
  readonly text: string;
  /** What parameters and rows must look like; checked in tests and during development (`checkedStore`), not in production. */
  readonly schema?: { readonly params: v.GenericSchema; readonly row: v.GenericSchema };
  /** Sets absent properties of a row that the row type allows to be null to null, in place: engines leave them out. Null where a row has none. */
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

function isSchema(value: unknown): value is v.GenericSchema {
  return isRecord(value) && value.kind === "schema";
}

function isEntries(value: unknown): value is v.ObjectEntries {
  return isRecord(value) && Object.values(value).every(isSchema);
}

/** Compiles `fillNulls` for values of this schema; null when nothing in them may be absent. */
function compileValueFill(schema: v.GenericSchema): Fill | null {
  if ("wrapped" in schema && isSchema(schema.wrapped)) return compileValueFill(schema.wrapped);
  if ("entries" in schema && isEntries(schema.entries)) return compileFill(schema.entries);
  if (schema.type !== "array" || !("item" in schema) || !isSchema(schema.item)) return null;
  const fill = compileValueFill(schema.item);
  return (
    fill &&
    ((list) => {
      if (Array.isArray(list)) for (const item of list) fill(item);
    })
  );
}

/** Compiles `fillNulls` for these entries; null when none of them, at any depth, may be absent. */
function compileFill(entries: v.ObjectEntries): Fill | null {
  const steps = Object.entries(entries).flatMap(([key, schema]) => {
    const fillValue = compileValueFill(schema);
    const mayBeAbsent = schema.type === "nullish";
    return mayBeAbsent || fillValue ? [{ key, mayBeAbsent, fillValue }] : [];
  });
  if (!steps.length) return null;
  return (row) => {
    if (!isRecord(row)) return;
    for (const { key, mayBeAbsent, fillValue } of steps) {
      const value = row[key];
      if (value === undefined && mayBeAbsent) row[key] = null;
      else if (fillValue) fillValue(value);
    }
  };
}

const compiledFills = new WeakMap<v.ObjectEntries, Fill | null>();

function fillFor(row: v.ObjectEntries): Fill | null {
  const known = compiledFills.get(row);
  if (known !== undefined) return known;
  const fill = compileFill(row);
  compiledFills.set(row, fill);
  return fill;
}

type Output<E extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<E, undefined>>;

/**
 * Declares a statement beside the domain function that uses it. The types of its parameters and rows are inferred from their schemas. Throws
 * at start-up when cypher/ has no statement of that name.
 */
export function statement<P extends v.ObjectEntries, R extends v.ObjectEntries>({
  name,
  params,
  row,
}: {
  name: string;
  params: P;
  row: R;
}): Statement<Output<P>, Output<R>> {
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

/**
 * Completes values of a node whose label tells which row they are: absent properties become null, in place. For statements that return nodes of
 * several labels.
 */
export function toRow<E extends v.ObjectEntries>({ entries }: v.ObjectSchema<E, undefined>, values: object): Output<E> {
  fillFor(entries)?.(values);
  return values as Output<E>; // the label said so, which the compiler cannot see
}
