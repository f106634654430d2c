import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter, TestModule, Vitest } from "vitest/node";
import { listCoverable, readSchema } from "./schema-coverage.ts";

/** Parts of the schema that no test can cover, and why. The run also fails when one of these is covered after all. */
const exempt: Record<string, string> = {
  "UploadPart.headers": "no store asks for any",
  "Impact.truncated": "only beyond 100,000 things: see test/lineage/answer-limits.test.ts",
};

/** Records what of the schema one suite covered on one engine. */
export function writeCoverage(folder: string, engine: string, covered: string[]): void {
  writeFileSync(join(folder, `${engine}-${randomUUID()}.json`), JSON.stringify(covered));
}

/** Merges what the suites covered on an engine. */
function readCoverage(folder: string, engine: string): Set<string> {
  const files = readdirSync(folder).filter((file) => file.startsWith(`${engine}-`));
  return new Set(files.flatMap((file): string[] => JSON.parse(readFileSync(join(folder, file), "utf8"))));
}

/** Whether every test file ran, and every test in them: then what no suite covered is covered by none. */
async function isWholeRun(vitest: Vitest, modules: readonly TestModule[]): Promise<boolean> {
  const { testNamePattern, project, related, changed } = vitest.config;
  if (testNamePattern || project?.length || related?.length || changed) return false;
  const ran = new Set(modules.map(({ moduleId }) => moduleId));
  return (await vitest.globTestSpecifications()).every(({ moduleId }) => ran.has(moduleId));
}

/** Says what is covered although exempt, and what is not covered although not exempt. */
function findProblems(covered: Set<string>): string[] {
  const missing = listCoverable(readSchema()).filter((name) => !covered.has(name));
  return [
    ...missing.filter((name) => !Object.hasOwn(exempt, name)).map((name) => `no test covers ${name}`),
    ...Object.keys(exempt).flatMap((name) =>
      missing.includes(name) ? [] : [`${name} is exempt, but a test covers it`],
    ),
  ];
}

/**
 * Fails a run in which some field, argument, input field or value of the schema was never asked for with a value other than its default. Each
 * engine must cover the whole schema. A run of some of the tests is not checked.
 */
export function schemaCoverage(): Reporter {
  let vitest: Vitest | undefined;
  return {
    onInit(started) {
      vitest = started;
    },
    async onTestRunEnd(modules) {
      if (!vitest || !(await isWholeRun(vitest, modules))) return;
      const { coverageFolder, neo4j } = vitest.getRootProject().getProvidedContext();
      const problems = ["grafeo", ...(neo4j ? ["neo4j"] : [])].flatMap((engine) =>
        findProblems(readCoverage(coverageFolder, engine)).map(
          (problem) => `schema coverage on ${engine}: ${problem}\n`,
        ),
      );
      for (const problem of problems) process.stderr.write(problem);
      if (problems.length) process.exitCode = 1;
    },
  };
}
