import { compareText } from "../../lib/compare-text.ts";
import { isRecord } from "../../lib/is-record.ts";
import { isWholeNumber, toBigInt, toJsonInteger } from "../../lib/whole-numbers.ts";

/**
 * A number as filters, orders, gates and comparisons compare it: the nearest 64-bit float (infinities included), then by code unit a text that orders
 * whole numbers with the same nearest float.
 */
export interface ExactNumber {
  number: number;
  rest: string;
}

/** The rest of a number that is its nearest float. Rests of smaller numbers begin with `-`, those of greater ones with `1`. */
export const noRest = "0";

/** Whole numbers closer to 0 are all 64-bit floats: no other number has the same nearest float. */
export const firstInexact = 2 ** 53;

const specialNumbers = new Map([
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

function toRest(value: bigint, nearest: number): string {
  const difference = value - BigInt(nearest);
  if (difference === 0n) return noRest;
  // The difference is less than the number: in as many digits, all rests with this nearest float have the same length.
  const width = BigInt(Math.abs(nearest)).toString(16).length;
  const isLess = difference < 0n;
  const digits = isLess ? difference + 16n ** BigInt(width) : difference;
  return `${isLess ? "-" : "1"}${digits.toString(16).padStart(width, "0")}`;
}

function fromBigInt(value: bigint): ExactNumber {
  const number = Number(value);
  return { number, rest: toRest(value, number) };
}

function fromNumber(number: number): ExactNumber | null {
  if (Number.isNaN(number)) return null;
  if (!Number.isInteger(number) || Math.abs(number) < firstInexact) return { number, rest: noRest };
  return fromBigInt(toBigInt(number));
}

/** A JSON value, tagged or not, as a number; null for anything else, and for NaN, which compares with nothing. */
export function toExactNumber(value: unknown): ExactNumber | null {
  if (typeof value === "number") return fromNumber(value);
  if (!isRecord(value)) return null;
  const { $type: type, value: inner } = value;
  if (typeof inner === "number") return type === "FLOAT" || type === "STORAGE_SIZE" ? fromNumber(inner) : null;
  if (typeof inner !== "string") return null;
  if (type === "INTEGER") return isWholeNumber(inner) ? fromBigInt(BigInt(inner)) : null;
  const special = type === "FLOAT" ? specialNumbers.get(inner) : undefined;
  return special === undefined ? null : { number: special, rest: noRest };
}

/** Less than, equal to or greater than zero, as `a` is to `b`. */
export function compareNumbers(a: ExactNumber, b: ExactNumber): number {
  if (a.number !== b.number) return a.number < b.number ? -1 : 1;
  return compareText(a.rest, b.rest);
}

/** The whole number that a JSON value is; null for a fraction, an infinity, or no number. */
function toWhole(value: unknown): bigint | null {
  if (isRecord(value) && value.$type === "INTEGER" && typeof value.value === "string" && isWholeNumber(value.value))
    return BigInt(value.value);
  const number = toExactNumber(value)?.number ?? Number.NaN;
  return Number.isInteger(number) ? toBigInt(number) : null;
}

/** A number as JSON: an infinity is a tagged FLOAT. */
function toJsonNumber(number: number): unknown {
  return Number.isFinite(number) ? number : { $type: "FLOAT", value: String(number) };
}

/** The difference between two JSON values, to the digit when both are whole numbers; NaN unless both are numbers. */
export function subtract(a: unknown, b: unknown): number {
  const [x, y] = [toWhole(a), toWhole(b)];
  if (x !== null && y !== null) return Number(x - y);
  return (toExactNumber(a)?.number ?? Number.NaN) - (toExactNumber(b)?.number ?? Number.NaN);
}

/**
 * The sum of a JSON value and a number as JSON: to the digit when both are whole numbers, otherwise without binary rounding errors (0.1 + 0.2 is 0.3):
 * rounded to the 15 digits that every number can be written with. A tagged NaN unless the value is a number.
 */
export function addTo(value: unknown, summand: number): unknown {
  const whole = toWhole(value);
  if (whole !== null && Number.isInteger(summand)) return toJsonInteger(whole + toBigInt(summand));
  return toJsonNumber(Number(((toExactNumber(value)?.number ?? Number.NaN) + summand).toPrecision(15)));
}
