import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { printYaml } from "../../src/lib/print-yaml.ts";

/** Texts that YAML reads as something else when they are plain, or that it cannot hold as they are. */
const hostileTexts = [
  ...["no", "No", "NO", "yes", "on", "off", "y", "n", "true", "True", "null", "Null", "~", "", " ", "  padded  "],
  ...["12:30:45", "1:2", "12_3", "1_000.5", "0o17", "017", "0x1F", "0b1", "1e3", "1.", ".5", "+1", ".nan", ".inf"],
  ...[
    "2026-01-31",
    "2026-01-31T12:00:00Z",
    "<<",
    "=",
    "!",
    "!!str a",
    "&a",
    "*a",
    "%YAML 1.1",
    "---",
    "...",
    "@a",
    "`a",
  ],
  ...[
    "- a",
    "? a",
    "a: b",
    ": a",
    "# a",
    "a # b",
    "[a",
    "{a",
    "a]",
    ",",
    "|",
    ">",
    "'",
    '"',
    "\\",
    "\\n",
    "it's",
    "a\tb",
  ],
  ...[
    "a\nb",
    "\n",
    "a\n\n  b \n",
    "a\r\nb",
    "\r",
    "\0",
    "\x07",
    "\x1b",
    "\x7f",
    "\x80",
    "\x85",
    "\x9f",
    "\xa0",
    "\xad",
  ],
  ...[
    "\u2028",
    "\u2029",
    "\ufeff",
    "\ufffe",
    "\uffff",
    "\ufffd",
    "\u200b",
    "größe",
    "\u{1F600}",
    "\u{10FFFF}",
    "\u{1FFFE}",
  ],
  ...["word ".repeat(100), "a".repeat(2_000), `${"line\n".repeat(200)}`, `${"x".repeat(79)} #`],
];

const numbers = [
  0,
  1,
  -1,
  0.1,
  1e-7,
  -2.5e-300,
  5e-324,
  1e21,
  1.5e21,
  1e100,
  123456789.123,
  2 ** 53 - 1,
  -(2 ** 53 - 1),
];

/** All characters of the basic plane that text can have, a thousand in each text. */
const allCharacters = Array.from({ length: 66 }, (_, i) =>
  Array.from({ length: 1_000 }, (__, j) => i * 1_000 + j)
    .filter((code) => code < 0xd800 || (code > 0xdfff && code <= 0xffff))
    .map((code) => String.fromCharCode(code))
    .join(""),
);

const values: unknown[] = [
  ...hostileTexts,
  ...numbers,
  ...allCharacters,
  hostileTexts,
  Object.fromEntries(hostileTexts.map((text) => [text, { [text]: [text, { [text]: null }] }])),
  [[], [[]], {}, [{}], { a: [] }, [{ a: [{ b: {} }] }], true, false, null],
];

const python = ["-c", "import yaml, ruamel.yaml"];
const hasPythonParsers = spawnSync("python3", python).status === 0;

describe("printYaml", () => {
  it("YAML is read back as the same value by parsers of YAML 1.1 and 1.2", () => {
    for (const value of values)
      for (const version of ["1.1", "1.2"] as const) expect(parse(printYaml(value), { version })).toEqual(value);
  });

  it.skipIf(!hasPythonParsers)(
    "YAML is read back by PyYAML and ruamel as Python reads the same value from JSON",
    () => {
      const input = values.map((value) => JSON.stringify([printYaml(value), JSON.stringify(value)])).join("\n");
      const { stdout, stderr } = spawnSync("python3", [join(import.meta.dirname, "read-yaml.py")], {
        input,
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(stdout).toBe("");
    },
  );
});
