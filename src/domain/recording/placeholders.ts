import { invalid } from "../core/errors.ts";

/** What placeholders in a name can stand for; `at` in milliseconds since 1970. */
export interface NameContext {
  at: number;
  run?: string | null;
  pipeline?: string | null;
  step?: string | null;
  substitutions: Record<string, string>;
}

const placeholder = /\{([^{}]*)\}/g;

function values({ at, run, pipeline, step, substitutions }: NameContext): Record<string, string | null | undefined> {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  const compact = time.slice(0, 12).replaceAll(":", "_").replace(".", "_");
  return { date: date.replaceAll("-", "_"), time: compact, run, pipeline, step, ...substitutions };
}

/** Puts values for the placeholders of a name: `{date}` 2026_01_31 and `{time}` 13_05_59_123 in UTC, `{run}`, `{pipeline}`, `{step}` and the caller's own. */
export function fillName(template: string, context: NameContext, field: string): string {
  const known = values(context);
  return template.replace(placeholder, (_whole, name: string) => {
    const value = Object.hasOwn(known, name) ? known[name] : undefined;
    if (typeof value === "string") return value;
    const available = Object.keys(known).filter((key) => typeof known[key] === "string");
    throw invalid(field, `the placeholder {${name}} is unknown here; there are {${available.join("}, {")}}`);
  });
}

/** Fills `{{project}}` and `{{run.id}}` in a location. */
export function fillLocation(location: string, project: string, runId: string | null, field: string): string {
  return location.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_whole, name: string) => {
    if (name === "project") return project;
    if (name === "run.id" && runId) return runId;
    throw invalid(field, `{{${name}}} is unknown here; there are {{project}}${runId ? " and {{run.id}}" : ""}`);
  });
}
