import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/core/errors.ts";
import { validateArtifactName, validateProjectName } from "../../src/domain/core/validation.ts";
import { printUri, toUriKind } from "../../src/domain/core/version-uri.ts";
import { parseReference } from "../../src/domain/references/parse-reference.ts";
import { Kind } from "../../src/model/enums.ts";

const runs = { numRuns: 5_000 };

function legal(check: (text: string, field: string) => unknown) {
  return (text: string) => {
    try {
      check(text, "name");
      return true;
    } catch {
      return false;
    }
  };
}

/** Name parts that look like the grammar of references. */
const awkward = [
  "/",
  ":",
  "::",
  ":::",
  "@",
  "#",
  "?",
  "%",
  "%3A",
  "%2F",
  "%%",
  " ",
  "+",
  "&",
  "..",
  "~",
  "!*'()",
  "\\",
];
const letters = [
  "a",
  "Z",
  "0",
  "ß",
  "é",
  "e\u0301",
  "データ",
  "模型",
  "اسم",
  "😀",
  "👩‍🔬",
  "\u200d",
  "\ufeff",
  "\u2028",
  "store://",
];
const piece = fc.oneof(
  fc.constantFrom(...awkward),
  fc.constantFrom(...letters),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const name = fc
  .array(piece, { minLength: 1, maxLength: 8 })
  .map((pieces) => pieces.join(""))
  .filter(legal(validateArtifactName));
const project = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/).filter(legal(validateProjectName));
const number = fc.integer({ min: 1, max: 2 ** 31 - 1 }).map(String);
const selectorName = fc.stringMatching(/^[A-Za-z0-9._-]{1,128}$/);
const selector = fc.oneof(number, fc.constant("latest"), selectorName);
const kind = fc.constantFrom(...Object.values(Kind));
const named = fc.record(
  { kind, project, name, selector, run: fc.uuid() },
  { requiredKeys: ["kind", "project", "name", "selector"] },
);

/** The short form of the reference in a URI. */
function short(uri: string): string {
  return uri.replace(/^store:\/\/[^/]+\//, "");
}

/** The parsed reference, or the code of its refusal. Other errors are thrown. */
function tryParse(text: string) {
  try {
    return parseReference(text, "ref");
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

describe("references", () => {
  it("a printed reference parses to the same reference, for every legal project, name, selector and run, in both forms", () => {
    fc.assert(
      fc.property(named, ({ kind, ...ref }) => {
        const uri = printUri({ kind, ...ref });
        expect(parseReference(uri, "ref")).toEqual({ form: "name", kind, ...ref });
        expect(parseReference(short(uri), "ref")).toEqual({ form: "name", ...ref });
      }),
      runs,
    );
  });

  it("different references print as different URIs of unreserved RFC 3986 characters", () => {
    fc.assert(
      fc.property(named, named, (one, other) => {
        expect(printUri(one)).toMatch(/^store:\/\/[a-z-]+\/([A-Za-z0-9._~/:@-]|%[0-9A-F]{2})+$/);
        if (JSON.stringify(one) !== JSON.stringify(other)) expect(printUri(one)).not.toBe(printUri(other));
      }),
      runs,
    );
  });

  it.each([
    ["a:::b", "a%3A%3A%3Ab"],
    ["pipeline::step::output", "pipeline::step::output"],
    [":a", "%3Aa"],
    ["a:", "a%3A"],
    ["a:1", "a%3A1"],
    ["100% #1 @home", "100%25%20%231%20%40home"],
    ["größe/データ", "gr%C3%B6%C3%9Fe/%E3%83%87%E3%83%BC%E3%82%BF"],
    ["😀!*'()", "%F0%9F%98%80%21%2A%27%28%29"],
  ])("the name %s is printed as %s", (text, printed) => {
    const uri = printUri({ kind: "FEATURE_SET", project: "p", name: text, selector: 3 });
    expect(uri).toBe(`store://feature-set/p/${printed}:3`);
    expect(parseReference(uri, "ref")).toMatchObject({ kind: "FEATURE_SET", project: "p", name: text, selector: "3" });
  });

  it("a name outside the grammar is taken literally, and the newest version is the default", () => {
    const plain = name.filter((text) => !/[%:@]/.test(text));
    fc.assert(
      fc.property(project, plain, (project, name) => {
        expect(parseReference(`${project}/${name}`, "ref")).toEqual({
          form: "name",
          project,
          name,
          selector: "latest",
        });
      }),
      runs,
    );
    expect(parseReference("p/pipeline::step::output:7", "ref")).toMatchObject({
      name: "pipeline::step::output",
      selector: "7",
    });
  });

  it("the plural kinds of other tools are understood", () => {
    const plurals = {
      models: "MODEL",
      datasets: "DATASET",
      artifacts: "ARTIFACT",
      "feature-sets": "FEATURE_SET",
      "feature-vectors": "FEATURE_VECTOR",
    };
    for (const [word, kind] of Object.entries(plurals)) {
      expect(parseReference(`store://${word}/p/n:1`, "ref")).toMatchObject({ kind, name: "n" });
    }
    for (const kind of Object.values(Kind)) {
      expect(toUriKind(kind)).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(parseReference(`store://${toUriKind(kind)}/p/n`, "ref")).toMatchObject({ kind });
    }
  });

  it("a malformed reference is INVALID_INPUT and never fails in another way", () => {
    const grammar = fc.constantFrom(
      "store://",
      "model/",
      "sha256:",
      "p/",
      "n",
      ":",
      "::",
      "@",
      "/",
      "%",
      "%ff",
      "%00",
      "1",
    );
    const text = fc.oneof(
      fc.array(fc.oneof(grammar, piece), { maxLength: 10 }).map((pieces) => pieces.join("")),
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(text, (text) => {
        const parsed = tryParse(text);
        if (parsed instanceof DomainError) {
          expect(parsed).toMatchObject({ code: "INVALID_INPUT", details: { field: "ref" } });
          expect(parsed.message).toMatch(/^ref: ./);
        } else if (parsed.form === "name") {
          expect([parsed.project, parsed.selector]).not.toContain("");
          // An encoded `/` or `:` must not lead to another artifact than the text names.
          expect(parsed.project).not.toContain("/");
          expect(parsed.selector).not.toMatch(/[:/@]/);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  const prototypes = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  it.each([
    "",
    "/",
    "p/",
    "/n",
    "p",
    "short",
    "p:1",
    "p/n:",
    "p/n@",
    "p/n:1@",
    "p/n:a:b",
    "p/n@r:1",
    "p/n@r/s",
    "p/%zz",
    "p/%E3%83",
    "p/n:%",
    "p/n:1@%F0%9F",
    "p%2Fq/n",
    "p/n:x%3Ay",
    "store://",
    "store:///p/n",
    "store://model",
    "store://model/p",
    "store://MODEL/p/n",
    "store://feature_set/p/n",
    ...prototypes.map((word) => `store://${word}/p/n`),
    "sha256:",
    "sha256:xyz",
    `sha256:${"A".repeat(64)}`,
    "x".repeat(5_000),
  ])("the reference %j is INVALID_INPUT", (text) => {
    expect(tryParse(text)).toMatchObject({ code: "INVALID_INPUT", details: { field: "ref" } });
  });
});
