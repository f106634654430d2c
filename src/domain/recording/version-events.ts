import type { NewEvent } from "../core/idempotent-write.ts";
import type { MovedAlias } from "./assign-selectors.ts";
import type { Executions } from "./executions.ts";
import type { NumberedVersion } from "./number-versions.ts";

/** The run and step that produced a version, as events name them. */
function toProducerFields(producer: ReturnType<Executions["get"]>): Pick<NewEvent, "run" | "step"> {
  if (!producer) return {};
  const { execution, run } = producer;
  if (execution.label === "Run") return { run: run?.id ?? execution.id };
  return { ...(run && { run: run.id }), step: execution.id };
}

/** The events of the versions that a call logged: VERSION_LOGGED for each new one, and ALIAS_MOVED for the aliases that moved to it. */
export function toVersionEvents(numbered: NumberedVersion[], moved: MovedAlias[], executions: Executions): NewEvent[] {
  return numbered.flatMap(({ row, draft, created, output }): NewEvent[] => {
    const { project, artifactKey, kind } = row;
    const about = { at: row.createdAt, project, artifactKey, kind, version: row.id };
    const producer = output.execution ? executions.get(output.execution) : undefined;
    const logged: NewEvent = {
      ...about,
      type: "VERSION_LOGGED",
      number: row.number,
      tags: draft.tags,
      ...toProducerFields(producer),
    };
    const aliases = moved
      .filter(({ version, name }) => version === row.id && draft.aliases.includes(name))
      .map(({ name: alias, at, previous }): NewEvent => {
        return { ...about, at, type: "ALIAS_MOVED", alias, ...(previous && { previous }) };
      });
    return created ? [logged, ...aliases] : aliases;
  });
}
