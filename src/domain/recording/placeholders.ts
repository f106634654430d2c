import { invalid } from "../core/errors.ts";

/** The values of the placeholders in a name; `at` is milliseconds since 1970. */
export interface NameContext {
  at: number;
  run?: string | null;
  pipeline?: string | null;
  step?: string | null;
  substitutions: Record<string, string>;
}

const placeholder = /\{([^{}]*)\}/g;

function getValues({ at, run, pipeline, step, substitutions }: NameContext): Record<string, string | null | undefined> {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  const compact = time.slice(0, 12).replaceAll(":", "_").replace(".", "_");
  return { date: date.replaceAll("-", "_"), time: compact, run, pipeline, step, ...substitutions };
}

/**
 * Fills the placeholders in a name: `{date}` (2026_01_31, UTC), `{time}` (13_05_59_123, UTC), `{run}`, `{pipeline}`, `{step}` and the caller's
 * substitutions. An unknown placeholder is `INVALID_INPUT` for `field`.
 */
export function fillName(template: string, context: NameContext, field: string): string {
  const values = getValues(context);
  return template.replace(placeholder, (_whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (typeof value === "string") return value;
    const available = Object.keys(values).filter((key) => typeof values[key] === "string");
    throw invalid(field, `unknown placeholder {${name}}; available here: {${available.join("}, {")}}`);
  });
}

/** Fills `{{project}}` and, when a run produced the version, `{{run.id}}` in a location. Another placeholder is `INVALID_INPUT` for `field`. */
export function fillLocation(location: string, project: string, runId: string | null, field: string): string {
  return location.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_whole, name: string) => {
    if (name === "project") return project;
    if (name === "run.id" && runId) return runId;
    throw invalid(field, `unknown placeholder {{${name}}}; available here: {{project}}${runId ? ", {{run.id}}" : ""}`);
  });
}
