import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { DomainError } from "../domain/core/errors.ts";
import { type Actor, roles } from "../domain/core/permissions.ts";

/** Finds out who sent a request, from its `Authorization` header and the address that it came from; rejects with `UNAUTHENTICATED`. */
export type Authenticate = (authorization: string | undefined, address: string) => Promise<Actor>;

const tokenEntry = v.object({
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits")),
  actor: v.pipe(v.string(), v.minLength(1)),
  role: v.picklist(roles, `must be one of ${roles.join(", ")}`),
  projects: v.pipe(v.array(v.string()), v.minLength(1)),
});
const tokenFile = v.array(tokenEntry);

/** Everyone is the same local admin; the settings allow this on loopback only. */
export function localAdmin(): Authenticate {
  const actor: Actor = { name: "local", grants: [{ role: "admin", projects: ["*"] }] };
  return async () => actor;
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`PEDIGREE_TOKENS: ${file} can't be read as JSON`, { cause });
  }
}

/**
 * Accepts the tokens in a file: a JSON list of `{ sha256, actor, role, projects }`, where `sha256` is the hash of the token. Several entries for a token add
 * up. Throws when the file can't be read or an entry is invalid. Tokens are looked up by their hash, so that timing reveals nothing about them.
 */
export function tokenFileAuthenticator(file: string): Authenticate {
  const parsed = v.safeParse(tokenFile, readJson(file));
  if (!parsed.success) {
    const lines = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "file"}: ${issue.message}`);
    throw new Error(`PEDIGREE_TOKENS: the file has invalid entries:\n${lines.join("\n")}`);
  }
  const actors = new Map<string, Actor>();
  for (const { sha256, actor, role, projects } of parsed.output) {
    const known = actors.get(sha256);
    if (known && known.name !== actor)
      throw new Error(`PEDIGREE_TOKENS: one token has two actors, ${known.name} and ${actor}; give each its own token`);
    actors.set(sha256, { name: actor, grants: [...(known?.grants ?? []), { role, projects }] });
  }
  return async (authorization) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (!token)
      throw new DomainError(
        "UNAUTHENTICATED",
        "a token is required: send the header Authorization: Bearer <token>",
        {},
      );
    const actor = actors.get(digest(token));
    if (!actor) throw new DomainError("UNAUTHENTICATED", "unknown token", {});
    return actor;
  };
}
