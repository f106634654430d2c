import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeIntegers, tagLongIntegers } from "../../src/lib/whole-numbers.ts";

describe("tagLongIntegers", () => {
  it("JSON without long whole numbers stays as it is", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(tagLongIntegers(json)).toBe(json);
      }),
      {
        examples: [
          ['{"a": "12345678901234567890", "b": 0.12345678901234567890, "c": 1e300, "d": 1.2345678901234567890E+30}'],
        ],
      },
    );
  });

  it("a whole number keeps its digits, as a number or tagged, wherever it stands", () => {
    const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
    fc.assert(
      fc.property(digits, fc.string(), (value, text) => {
        const parsed: unknown = JSON.parse(
          tagLongIntegers(`{${JSON.stringify(text)}:[${value},${JSON.stringify(text)}]}`),
        );
        const [found, other] = (parsed as Record<string, unknown[]>)[text] ?? [];
        expect(other).toBe(text);
        if (typeof found === "number")
          expect(Math.abs(found) < 1e21 ? BigInt(String(found)) : BigInt(found)).toBe(value);
        else expect(found).toEqual({ $type: "INTEGER", value: String(value) });
        expect(normalizeIntegers({ $type: "INTEGER", value: String(value) })).toEqual(found);
      }),
    );
  });

  it("hostile text is read in linear time", () => {
    for (const text of [
      `"${"\\".repeat(2_000_000)}`,
      "1".repeat(2_000_000),
      `${"1".repeat(17)}.`.repeat(100_000),
      '"'.repeat(999_999),
    ]) {
      const start = performance.now();
      tagLongIntegers(`${text}1234567890123456`);
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });
});
