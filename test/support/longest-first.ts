import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, the longest first. The rest take a few seconds each. */
const long = [
  "recording/histories",
  "live/websocket",
  "lineage/answer-limits",
  "process/unavailable",
  "process/kills",
  "process/replicas",
  "query/random-as-of",
  "lineage/random-answers",
  "engines/walk-plans",
  "files/previews",
  "files/archives",
  "stores/many-blobs",
  "stores/blob-store",
  "lineage/random-lineage",
  "promotion/stages",
  "promotion/histories",
].map((name) => `/test/${name}.test.ts`);

function rankOf({ moduleId }: TestSpecification): number {
  const rank = long.findIndex((file) => moduleId.endsWith(file));
  return rank < 0 ? long.length : rank;
}

/** Starts long files first, so that no worker is left alone with one at the end. Files that failed in the last run still come first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const groupOf = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => groupOf(a) - groupOf(b) || rankOf(a) - rankOf(b));
  }
}
