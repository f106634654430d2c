import { isIP } from "node:net";
import * as v from "valibot";

const unitsMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The items of a list that is separated by commas. */
export function splitList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}

/** A whole number between two bounds. */
export function wholeNumber(defaultText: string, min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(
    v.optional(v.string(), defaultText),
    v.regex(/^\d+$/, message),
    v.transform(Number),
    v.minValue(min, message),
    v.maxValue(max, message),
  );
}

/** A time such as `24h`, in milliseconds. */
export function duration(defaultText: string, minMs = 0) {
  return v.pipe(
    v.optional(v.string(), defaultText),
    v.regex(/^\d+[smhd]$/, "must be a whole number with the unit s, m, h or d, such as 24h"),
    v.transform((text) => Number(text.slice(0, -1)) * (unitsMs[text.slice(-1)] ?? 0)),
    v.minValue(minMs, `must be at least ${minMs / 1_000}s`),
  );
}

/** Whether a text is a network such as `10.1.0.0/16`. */
export function isCidr(text: string): boolean {
  const [net = "", bits = "", ...rest] = text.split("/");
  const maxBits = { 4: 32, 6: 128 }[isIP(net)] ?? -1;
  return !rest.length && /^\d+$/.test(bits) && Number(bits) <= maxBits;
}

/** Any text. */
export function text(defaultText: string) {
  return v.optional(v.string(), defaultText);
}

/** A URL with one of these protocols. */
export function url(protocols: string[], message: string) {
  return v.pipe(
    v.string(),
    v.check(
      (text) => protocols.some((name) => text.startsWith(`${name}://`)) && /^[^:]+:\/\/[^/\s]+/.test(text),
      message,
    ),
  );
}
