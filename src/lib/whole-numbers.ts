import { isRecord } from "./is-record.ts";

/** A whole number that a JSON number can't hold to the digit. */
export interface LongInteger {
  $type: "INTEGER";
  /** Decimal digits, with a minus in front of a negative number. */
  value: string;
}

const wholeNumber = /^-?(?:0|[1-9]\d*)$/;
/** More digits are beyond the range of 64-bit floats. */
const maxDigits = 309;

/** The whole number that a number without a fraction is: that of the digits it is printed with. */
export function toBigInt(value: number): bigint {
  return Math.abs(value) < 1e21 ? BigInt(String(value)) : BigInt(value);
}

/** Whether a text is a whole number within the range of 64-bit floats. */
export function isWholeNumber(text: string): boolean {
  return text.length <= maxDigits + 1 && wholeNumber.test(text) && Number.isFinite(Number(text));
}

/** A whole number as JSON holds it to the digit: a number where that is possible, else tagged. */
export function toJsonInteger(value: bigint): number | LongInteger {
  const nearest = Number(value);
  if (Number.isFinite(nearest) && toBigInt(nearest) === value) return nearest;
  return { $type: "INTEGER", value: String(value) };
}

const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/gs;
const longRun = /\d{16}/;

/**
 * JSON with those whole numbers tagged that a JSON number can't hold to the digit: `JSON.parse` would round them. Numbers beyond the range of 64-bit
 * floats stay, and so does text that is not JSON.
 */
export function tagLongIntegers(json: string): string {
  if (!longRun.test(json)) return json;
  return json.replace(token, (text) => {
    if (text.length < 16 || text.startsWith('"') || !isWholeNumber(text)) return text;
    const value = toJsonInteger(BigInt(text));
    return typeof value === "number" ? text : JSON.stringify(value);
  });
}

/** Deeper values are refused wherever JSON is validated. */
const maxLevels = 40;

/** The value with tagged whole numbers in their only form: as numbers where these hold them, else as canonical digits. */
export function normalizeIntegers(value: unknown, levels = maxLevels): unknown {
  if (typeof value !== "object" || value === null || levels === 0) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => normalizeIntegers(item, levels - 1));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (!isRecord(value)) return value;
  if (value.$type === "INTEGER" && typeof value.value === "string" && Object.keys(value).length === 2)
    return isWholeNumber(value.value) ? toJsonInteger(BigInt(value.value)) : value;
  const entries = Object.entries(value).map(([key, item]) => [key, normalizeIntegers(item, levels - 1)] as const);
  return entries.some(([key, item]) => item !== value[key]) ? Object.fromEntries(entries) : value;
}
