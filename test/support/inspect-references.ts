import fc from "fast-check";
import { expect } from "vitest";
import { resolve } from "../oracle/resolve.ts";
import type { World } from "../oracle/state.ts";
import { picker, reference } from "./pieces.ts";
import type { TestService } from "./service.ts";

const picks = fc.array(fc.nat(9_999), { minLength: 12, maxLength: 12 });

/** Resolves in one request references of every form. */
export async function inspectReferences(service: TestService, world: World, seed: number): Promise<void> {
  const asked = fc.sample(picks, { numRuns: 20, seed }).map((numbers) => reference(world, picker(numbers)));
  const names = asked.map((_, i) => `$r${i}: VersionRef!`).join(", ");
  const fields = asked.map((_, i) => `r${i}: version(ref: $r${i}) { id state }`).join("\n");
  const variables = Object.fromEntries(asked.map(({ text }, i) => [`r${i}`, text]));
  const answer = await service.ask<Record<string, object | null>>(`query (${names}) { ${fields} }`, variables);
  const codes = new Map(answer.errors?.map(({ path, extensions }) => [String(path?.[0]), extensions.code]));
  asked.forEach((ref, i) => {
    const problems = new Set<string>();
    const version = resolve(world, ref, problems);
    const expected = problems.size ? [...problems][0] : { id: version?.id, state: version?.state };
    expect(answer.data[`r${i}`] ?? codes.get(`r${i}`), ref.text).toEqual(expected);
  });
}
