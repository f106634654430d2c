// Checks the import rules of .dependency-cruiser.mjs. A file that was not read is a problem too: otherwise a parser that finds no modules would
// pass every rule. Plain JavaScript, because the parser's own files don't load under tsx.
import { existsSync, readdirSync } from "node:fs";
import { cruise } from "dependency-cruiser";
import config from "../.dependency-cruiser.mjs";

const folders = ["src", "test", "bench", "demo", "scripts"].filter((folder) => existsSync(folder));

const sourceFiles = (folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.ts$/.test(path) && !path.endsWith(".d.ts"))
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`);

const { options, ...ruleSet } = config;
const { output } = await cruise(folders, { ...options, ruleSet, validate: true });
const { violations, totalCruised, totalDependenciesCruised } = output.summary;
const read = new Set(output.modules.map(({ source }) => source));

const problems = [
  ...violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  ...folders
    .flatMap(sourceFiles)
    .filter((path) => !read.has(path))
    .map((path) => `not read: ${path}`),
  ...(totalDependenciesCruised > 0 ? [] : ["no imports were read"]),
];

for (const problem of problems) console.error(problem);
console.log(`${totalCruised} modules, ${totalDependenciesCruised} imports, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
