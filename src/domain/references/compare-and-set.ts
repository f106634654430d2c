import type { Transaction } from "../../ports/graph-store.ts";
import { DomainError, invalid } from "../core/errors.ts";
import type { Actor } from "../core/permissions.ts";
import { parseReference } from "./parse-reference.ts";
import { resolveReferences } from "./resolve-reference.ts";

/** What a caller expects of the present holder: undefined for nothing, null for nobody, else the version's id. */
type Expected = string | null | undefined;

const field = "expectedCurrent";

async function resolveExpected(run: Transaction["run"], actor: Actor, reference: string): Promise<string | null> {
  const parsed = parseReference(reference, field);
  const steady = parsed.form !== "name" || /^(\d+|latest)$/.test(parsed.selector);
  const unsteady = () => invalid(field, "an alias or a stage may move meanwhile: name the version by number or id");
  const found = await resolveReferences(run, actor, [{ text: reference, field }]).catch((error: unknown) => {
    // A stage that nobody holds, or an alias that is none: it would not have been taken either.
    if (!steady && error instanceof DomainError && error.code === "NOT_FOUND") throw unsteady();
    throw error;
  });
  const row = found.get(reference);
  if (!steady && !(parsed.form === "name" && row?.versionName === parsed.selector)) throw unsteady();
  return row?.id ?? null;
}

function checkHolder(expected: Expected, actual: string | null): void {
  if (expected === undefined || expected === actual) return;
  const holder = actual ? `version ${actual} holds it` : "nobody holds it";
  throw new DomainError("CONFLICT", `${holder} now, not ${expected ?? "nobody"}`, { expected, actual });
}

/**
 * Refuses with `CONFLICT`, naming the actual holder, when it isn't who `expectedCurrent` says: null for nobody, left out for whoever it is.
 * A reference that may move meanwhile is `INVALID_INPUT`.
 */
export async function assertExpectedCurrent(
  run: Transaction["run"],
  actor: Actor,
  reference: string | null | undefined,
  actual: string | null,
): Promise<void> {
  return checkHolder(typeof reference === "string" ? await resolveExpected(run, actor, reference) : reference, actual);
}
