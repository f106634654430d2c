import type { Api } from "./api.ts";
import {
  type ExecutionAnswer,
  endExecution,
  type RunAnswer,
  recordLineage,
  startRun,
  startStep,
  updateExecution,
} from "./documents.ts";

type Step = RunAnswer["steps"]["nodes"][number];
type Changed = ExecutionAnswer & { __typename: string };

/** The calls that report a run while it runs. */
export function reporter(api: Api) {
  return {
    start: async (input: object) =>
      (await api.data<{ startRun: { created: boolean; run: RunAnswer } }>(startRun, { input })).startRun,
    step: async (input: object) =>
      (await api.data<{ startStep: { created: boolean; step: Step } }>(startStep, { input })).startStep,
    update: async (input: object) =>
      (await api.data<{ updateExecution: { execution: Changed } }>(updateExecution, { input })).updateExecution
        .execution,
    end: async (input: object) =>
      (await api.data<{ endExecution: { execution: Changed } }>(endExecution, { input })).endExecution.execution,
    record: async (input: object) =>
      (await api.data<{ recordLineage: { execution: Changed } }>(recordLineage, { input })).recordLineage.execution,
  };
}
