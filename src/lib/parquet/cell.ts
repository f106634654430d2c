import type { ColumnType } from "./column-type.ts";
import type { RawValue } from "./page-values.ts";

/** What JSON can say; numbers that it lacks are tagged as everywhere in the service. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Characters of a text and bytes of a binary value that are shown. */
const maxLength = 1_000;

function float(value: number): Json {
  if (Number.isFinite(value)) return value;
  return { $type: "FLOAT", value: String(value) };
}

function integer(value: bigint): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : { $type: "INTEGER", value: String(value) };
}

function toBigInt(value: RawValue): bigint {
  if (!(value instanceof Uint8Array)) return BigInt(value);
  const hex = Buffer.from(value).toString("hex");
  return hex ? BigInt.asIntN(value.length * 8, BigInt(`0x${hex}`)) : 0n;
}

/** A decimal as text, to the digit. */
function decimal(value: bigint, scale: number): string {
  if (scale <= 0 || scale > 1_000) return String(value * 10n ** BigInt(Math.min(1_000, Math.max(0, -scale))));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const perSecond = { s: 1n, ms: 1_000n, us: 1_000_000n, ns: 1_000_000_000n } as const;
type Unit = keyof typeof perSecond;

/** Whole seconds and the digits behind them, rounded down. */
function splitSeconds(value: bigint, unit: Unit): { seconds: bigint; fraction: string } {
  const factor = perSecond[unit];
  const rest = ((value % factor) + factor) % factor;
  const digits = String(factor).length - 1;
  return { seconds: (value - rest) / factor, fraction: digits ? `.${String(rest).padStart(digits, "0")}` : "" };
}

/** A date or time as in ISO 8601; what no calendar here reaches is said as a number. */
function isoTime(seconds: bigint): string | null {
  const date = new Date(Number(seconds) * 1_000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(/\.000Z$/, "");
}

function date(days: bigint): string {
  return isoTime(days * 86_400n)?.replace(/T.*/, "") ?? `${days} days after 1970-01-01`;
}

function timestamp(value: bigint, unit: Unit, suffix: string): string {
  const { seconds, fraction } = splitSeconds(value, unit);
  const text = isoTime(seconds);
  return text ? `${text}${fraction}${suffix}` : `${value} ${unit} after 1970-01-01T00:00:00${suffix}`;
}

function time(value: bigint, unit: Unit): string {
  const { seconds, fraction } = splitSeconds(value, unit);
  if (seconds < 0n || seconds >= 86_400n) return `${value} ${unit}`;
  return `${isoTime(seconds)?.replace(/^.*T/, "")}${fraction}`;
}

/** The timestamps of old writers: nanoseconds of the day, and the day by Julian's count. */
function oldTimestamp(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const day = BigInt(view.getUint32(8, true)) - 2_440_588n;
  return timestamp(day * 86_400n * perSecond.ns + view.getBigInt64(0, true), "ns", "");
}

function interval(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seconds = decimal(BigInt(view.getUint32(8, true)), 3);
  return `P${view.getUint32(0, true)}M${view.getUint32(4, true)}DT${seconds}S`;
}

function halfFloat(bytes: Uint8Array): number {
  const bits = ((bytes[1] ?? 0) << 8) | (bytes[0] ?? 0);
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -24 * fraction;
}

/** Notes of what was cut or is odd, collected over a column. */
export interface Remarks {
  isCut: boolean;
  isLeftOut: boolean;
  isNotUtf8: boolean;
}

function text(bytes: Uint8Array, remarks: Remarks): string {
  // Four bytes are the most that a character takes.
  const start = bytes.subarray(0, maxLength * 4);
  let decoded: string;
  try {
    decoded = new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: start.length < bytes.length });
  } catch {
    decoded = new TextDecoder().decode(start, { stream: start.length < bytes.length });
    remarks.isNotUtf8 = true;
  }
  if (decoded.length <= maxLength && start.length === bytes.length) return decoded;
  remarks.isCut = true;
  return `${decoded.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "")}…`;
}

function binary(bytes: Uint8Array, remarks: Remarks): string {
  remarks.isCut ||= bytes.length > maxLength;
  return Buffer.from(bytes.subarray(0, maxLength)).toString("base64");
}

function uuid(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const texts = new Set(["string", "enum", "json"]);

/** How the bytes of a value are shown, by the type of its column. */
function bytesOf(value: Uint8Array, type: string, remarks: Remarks): Json {
  if (texts.has(type)) return text(value, remarks);
  if (type === "uuid" && value.length === 16) return uuid(value);
  if (type === "float16" && value.length === 2) return float(halfFloat(value));
  if (type === "interval" && value.length === 12) return interval(value);
  if (type === "timestamp" && value.length === 12) return oldTimestamp(value);
  return binary(value, remarks);
}

/** A value as JSON: exact, whatever its type. `physical` is how it is stored. */
export function toJson(value: RawValue, physical: string | null, column: ColumnType, remarks: Remarks): Json {
  const { type, unit = "ms", zone, scale = 0 } = column;
  if (typeof value === "boolean") return value;
  if (type === "decimal") return decimal(toBigInt(value), scale);
  if (value instanceof Uint8Array) return bytesOf(value, type, remarks);
  if (typeof value === "number" && (physical === "FLOAT" || physical === "DOUBLE")) return float(value);
  const whole = BigInt(value);
  if (type === "date") return date(whole);
  if (type === "timestamp") return timestamp(whole, unit, zone ? "Z" : "");
  if (type === "time") return time(whole, unit);
  if (type.startsWith("uint")) return integer(BigInt.asUintN(physical === "INT32" ? 32 : 64, whole));
  return integer(whole);
}
