import type { Reporter, TestModule } from "vitest/node";

type Ending = "passed" | "failed" | "skipped";

/** Prints `N passed, N failed, N skipped` as the last line of a run. A file or hook that fails outside a test counts as one failed. */
export function lastLine(): Reporter {
  return {
    onTestRunEnd(modules, unhandled) {
      const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
      for (const module of modules) tally(module, counts);
      // Printed at the exit, after other reporters and the teardown; a run that failed outside all tests is not shown as passed.
      process.once("exit", (code) => {
        const failed = counts.failed || (code === 0 ? 0 : 1);
        process.stdout.write(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
      });
    },
  };
}

function tally(module: TestModule, counts: Record<Ending, number>): void {
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    counts[state === "pending" ? "skipped" : state] += 1;
  }
  counts.failed += module.errors().length;
  for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
}
