import { type ScalarTag, stringify } from "yaml";

/** Characters that YAML 1.1 does not allow, or takes for line breaks. */
const unreadable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A number with a dot before its exponent: YAML 1.1 reads `1e-7` as text. */
const numberTag: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: (value) => typeof value === "number",
  test: /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]\d+)?$/,
  resolve: Number,
  stringify: ({ value }) => JSON.stringify(value).replace(/^(-?\d+)e/, "$1.0e"),
};

/**
 * Prints a JSON value as YAML that parsers of YAML 1.1 and 1.2 read back as the same value: every text and key is quoted, so that none is taken
 * for a boolean, a number, a time or a merge key.
 */
export function printYaml(value: unknown): string {
  const text = stringify(value, {
    aliasDuplicateObjects: false,
    customTags: (tags) => [numberTag, ...tags],
    defaultKeyType: "QUOTE_DOUBLE",
    defaultStringType: "QUOTE_DOUBLE",
    doubleQuotedAsJSON: true,
    lineWidth: 0,
  });
  return text.replace(unreadable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
