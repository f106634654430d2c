// Fails on phrases that readers stumble over. Plain words for them are: duplicate, required, existing, again, anyone, and a verb in place of "told".
import { readdirSync, readFileSync, statSync } from "node:fs";

const phrases = ["stands twice", "is wanted", "that is there", "anew", "whoever", "told"];
const roots = "src test bench demo scripts web cypher docs README.md CONTRIBUTING.md schema.graphql".split(" ");
const textFile = /\.(ts|tsx|mjs|js|css|html|md|cypher|graphql|json|xml|java|yml)$/;
const ownPath = "scripts/words.mjs";

// A phrase may be broken over two lines of a comment.
const gap = String.raw`(?:\s|\*|//|#)+`;
const banned = new RegExp(String.raw`\b(?:${phrases.map((phrase) => phrase.replaceAll(" ", gap)).join("|")})\b`, "gi");

const listFiles = (root) =>
  statSync(root).isFile()
    ? [root]
    : readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => `${root}/${path.replaceAll("\\", "/")}`);

const files = roots.flatMap(listFiles).filter((path) => textFile.test(path) && path !== ownPath);
const problems = files.flatMap((path) => {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(banned)].map(({ 0: phrase, index }) => {
    const line = text.slice(0, index).split("\n").length;
    return `${path}:${line}: say "${phrase.replaceAll(/\s+/g, " ")}" in a plainer way`;
  });
});
if (files.length === 0) problems.push("no files were read");

for (const problem of problems) console.error(problem);
console.log(`${files.length} files, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
