import type { Transaction } from "../../ports/graph-store.ts";
import { DomainError, invalid } from "../core/errors.ts";
import type { Actor } from "../core/permissions.ts";
import { parseReference } from "./parse-reference.ts";
import { resolveReferences } from "./resolve-reference.ts";

/** The id of the version that is expected to hold an alias or stage; null for none, undefined to skip the check. */
type ExpectedHolder = string | null | undefined;

const field = "expectedCurrent";

function movingReference(reference: string): DomainError<"INVALID_INPUT"> {
  return invalid(field, `${reference} may name another version by the time of the check; use a version number or id`);
}

/** The id of the version that a reference names. A reference by an alias or stage is `INVALID_INPUT`, because those move. */
async function resolveExpected(run: Transaction["run"], actor: Actor, reference: string): Promise<string | null> {
  const parsed = parseReference(reference, field);
  const isImmutable = parsed.form !== "name" || /^(\d+|latest)$/.test(parsed.selector);
  const found = await resolveReferences(run, actor, [{ text: reference, field }]).catch((error: unknown) => {
    // An unknown name must be an alias or stage without a holder: it is refused like any other.
    if (!isImmutable && error instanceof DomainError && error.code === "NOT_FOUND") throw movingReference(reference);
    throw error;
  });
  const row = found.get(reference);
  const isVersionName = parsed.form === "name" && row?.versionName === parsed.selector;
  if (!isImmutable && !isVersionName) throw movingReference(reference);
  return row?.id ?? null;
}

function assertHolder(expected: ExpectedHolder, actual: string | null): void {
  if (expected === undefined || expected === actual) return;
  const holder = actual ? `the current holder is version ${actual}` : "there is no current holder";
  throw new DomainError("CONFLICT", `${holder}, but ${expected ? `version ${expected}` : "none"} was expected`, {
    expected,
    actual,
  });
}

/**
 * Compare-and-set: throws `CONFLICT` unless `actual` is the version that `reference` names, or null for a null reference. An undefined reference
 * skips the check; one that may move is `INVALID_INPUT`.
 */
export async function assertExpectedCurrent(
  run: Transaction["run"],
  actor: Actor,
  reference: string | null | undefined,
  actual: string | null,
): Promise<void> {
  const expected = typeof reference === "string" ? await resolveExpected(run, actor, reference) : reference;
  assertHolder(expected, actual);
}
