import { expect } from "vitest";
import { strayDigest } from "../support/api.ts";

/** An object with `levels` levels. */
export function nested(levels: number): object {
  return levels === 1 ? { a: 1 } : { a: nested(levels - 1) };
}
/** An object of `bytes` bytes of JSON. */
export function ofBytes(bytes: number) {
  return { a: "x".repeat(bytes - `{"a":""}`.length) };
}
/** The refusal of an invalid field. */
export function invalid(field: string) {
  return { code: "INVALID_INPUT", field };
}
/** The refusal of a value beyond a limit. */
export function tooLarge(limit: number) {
  return { code: "TOO_LARGE", limit };
}
/** The refusal of a missing item. */
export const notFound = { code: "NOT_FOUND" };
/** A valid location of bytes. */
export const location = "s3://bucket/key";

const hostilePaths = [
  "",
  "/etc/passwd",
  "../up",
  "a/../../b",
  "a/./b",
  ".",
  "..",
  "a//b",
  "a/",
  "C:/x",
  "c:x",
  "a\\b",
  "..\\up",
  "a\u0000b",
  "a\nb",
  "a\u007fb",
  "a\ud800b",
  "x".repeat(1_025),
  "é".repeat(513),
];
const badNames = [
  "",
  "a\u0000b",
  "a\nb",
  "\u0085",
  "a\u007f",
  "x".repeat(256),
  "\u{1F600}".repeat(256),
  "/a",
  "a/",
  "a/../b",
  "./a",
  "..",
  "a{b",
  "a}b",
  "\ud800",
];
const badSelectors = ["", "123", "0", "latest", "a b", "é", "a/b", "a:b", "x".repeat(129)];

type Case = [string, object, Record<string, unknown>];
function each(
  values: string[],
  label: string,
  input: (value: string) => object,
  refused: Record<string, unknown>,
): Case[] {
  return values.map((value) => [`${label} ${JSON.stringify(value).slice(0, 40)}`, input(value), refused]);
}

/** Invalid versions, by whichever mutation they are logged; `digest` is in the store with 5 bytes. */
export function cases(digest: string): Case[] {
  return [
    ...each(badNames, "the name", (name) => ({ name }), invalid("name")),
    ["an unknown placeholder", { name: "{nothing}" }, invalid("name")],
    ...each(badSelectors, "the version name", (versionName) => ({ versionName }), invalid("versionName")),
    ...each(badSelectors, "the alias", (alias) => ({ aliases: ["fine", alias] }), invalid("aliases[1]")),
    [
      "a version name that is taken",
      { versionName: "taken" },
      { code: "ALREADY_EXISTS", holder: expect.stringMatching(/there:1$/) },
    ],
    [
      "a version name that is an alias",
      { versionName: "moving" },
      { code: "ALREADY_EXISTS", holder: expect.stringMatching(/there:1$/) },
    ],
    [
      "an alias that is a version name",
      { aliases: ["taken"] },
      { code: "ALREADY_EXISTS", holder: expect.stringMatching(/there:1$/) },
    ],
    ["two aliases alike", { aliases: ["one", "one"] }, invalid("aliases")],
    ["an alias that is its version name", { aliases: ["one"], versionName: "one" }, invalid("aliases")],
    ["a tag with control characters", { tags: ["ok", "a\tb"] }, invalid("tags[1]")],
    ["an empty tag", { tags: [""] }, invalid("tags[0]")],
    [
      "two labels of a key",
      {
        labels: [
          { key: "k", value: "1" },
          { key: "k", value: "2" },
        ],
      },
      invalid("labels[1].key"),
    ],
    ["an empty label key", { labels: [{ key: "", value: "1" }] }, invalid("labels[0].key")],
    ["a huge description", { description: "x".repeat(65_537) }, tooLarge(65_536)],
    ...[[1], "text", 5, true].map(
      (metadata): Case => [`metadata ${JSON.stringify(metadata)}`, { metadata }, invalid("metadata")],
    ),
    ["metadata over 256 KiB", { metadata: ofBytes(262_145) }, tooLarge(262_144)],
    ["metadata over 256 KiB in UTF-8", { metadata: { a: "é".repeat(131_072) } }, tooLarge(262_144)],
    ["metadata of 33 levels", { metadata: nested(33) }, tooLarge(32)],
    ["metadata of an unknown type", { metadata: { a: { $type: "BLOB", value: 1 } } }, invalid("metadata.a")],
    [
      "metadata not of its type",
      { metadata: { a: { b: { $type: "FLOAT", value: "many" } } } },
      invalid("metadata.a.b"),
    ],
    ["metadata with an unpaired surrogate", { metadata: { a: "\ud800" } }, invalid("metadata")],
    ["attributes over 256 KiB", { attributes: ofBytes(262_145) }, tooLarge(262_144)],
    ["a huge model", { model: { metrics: ofBytes(262_145) } }, tooLarge(262_144)],
    ["a preview that is no list", { dataset: { preview: { a: 1 } } }, invalid("dataset.preview")],
    ["rows fewer than none", { dataset: { rows: -1 } }, invalid("dataset.rows")],
    ["a preview of 21 rows", { dataset: { preview: Array.from({ length: 21 }, () => [1]) } }, tooLarge(20)],
    ["a preview of 101 columns", { dataset: { preview: [Array.from({ length: 101 }, () => 1)] } }, tooLarge(100)],
    ...["sha256:xyz", digest.toUpperCase(), digest.slice(7), `md5:${"0".repeat(32)}`, ""].map(
      (bad): Case => [`the digest ${bad}`, { files: [{ path: "f", digest: bad }] }, invalid("files[0].digest")],
    ),
    [
      "a digest that isn't in the store",
      {
        files: [
          { path: "f", digest },
          { path: "g", digest: strayDigest },
        ],
      },
      notFound,
    ],
    ...[4, 6, 0, -5].map(
      (size): Case => [
        `a file said to have ${size} bytes`,
        { files: [{ path: "f", digest, size }] },
        invalid("files[0].size"),
      ],
    ),
    [
      "a path twice",
      {
        files: [
          { path: "f", digest },
          { path: "f", digest },
        ],
      },
      invalid("files[1].path"),
    ],
    [
      "a path that is a directory of another",
      {
        files: [
          { path: "a/b/c", digest },
          { path: "a/b", digest },
        ],
      },
      invalid("files[0].path"),
    ],
    ...each(hostilePaths, "the path", (path) => ({ files: [{ path, digest }] }), invalid("files[0].path")),
    ["21 files", { files: Array.from({ length: 21 }, (_, i) => ({ path: `${i}`, digest })) }, tooLarge(20)],
    ...["file:///etc/passwd", "http://example.com", "javascript:alert(1)", "/data/x", "", "s3"].map(
      (where): Case => [`the location ${where}`, { location: where }, invalid("location")],
    ),
    ["an unknown placeholder in a location", { location: "s3://b/{{nothing}}" }, invalid("location")],
    ["a location beside files", { location, files: [{ path: "f", digest }] }, invalid("location")],
    ["a size without a location", { size: 5 }, invalid("size")],
    ["a digest without a location", { digest }, invalid("digest")],
    ["an etag without a location", { etag: "e" }, invalid("etag")],
    ["a size below 0", { location, size: -1 }, invalid("size")],
    ["a malformed digest elsewhere", { location, digest: "sha256:1" }, invalid("digest")],
    ["an empty digest elsewhere", { location, digest: "" }, invalid("digest")],
    ["an unknown link", { links: [{ rel: "r", version: "no/such" }] }, notFound],
    ["a malformed link", { links: [{ rel: "r", version: "a:" }] }, invalid("links[0].version")],
    ["a link without a name", { links: [{ rel: "", version: "no/such" }] }, invalid("links[0].rel")],
    ...["text", [1], 5].map(
      (substitutions): Case => [
        `substitutions ${JSON.stringify(substitutions)}`,
        { substitutions },
        invalid("substitutions"),
      ],
    ),
    ["a substitution that is no text", { name: "{a}", substitutions: { a: { b: 1 } } }, invalid("substitutions.a")],
  ];
}
