import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { DomainError } from "../domain/core/errors.ts";
import { type Actor, roles } from "../domain/core/permissions.ts";

/** Tells who asks, from an `Authorization` header; rejects with `UNAUTHENTICATED`. */
export type Authenticate = (authorization: string | undefined) => Promise<Actor>;

const entry = v.object({
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "sha256 is 64 hexadecimal digits")),
  actor: v.pipe(v.string(), v.minLength(1)),
  role: v.picklist(roles, `role is one of ${roles.join(", ")}`),
  projects: v.pipe(v.array(v.string()), v.minLength(1)),
});
const tokenFile = v.array(entry);

/** Everyone is the same local admin: for loopback only, which the settings see to. */
export function localAdmin(): Authenticate {
  const local: Actor = { name: "local", grants: [{ role: "admin", projects: ["*"] }] };
  return async () => local;
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
 * Reads a file of entries `{sha256 of the token, actor, role, projects}`; several entries of one token add up.
 * Throws when the file can't be read or an entry is wrong. Tokens are looked up by their hash, so that comparing takes the same time.
 */
export function tokenFileAuthenticator(file: string): Authenticate {
  const parsed = v.safeParse(tokenFile, readJson(file));
  if (!parsed.success) {
    const lines = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "file"}: ${issue.message}`);
    throw new Error(`PEDIGREE_TOKENS: the file has problems:\n${lines.join("\n")}`);
  }
  const actors = new Map<string, Actor>();
  for (const { sha256, actor, role, projects } of parsed.output) {
    const known = actors.get(sha256);
    if (known && known.name !== actor)
      throw new Error(`PEDIGREE_TOKENS: one token has two actors, ${known.name} and ${actor}`);
    actors.set(sha256, { name: actor, grants: [...(known?.grants ?? []), { role, projects }] });
  }
  return async (authorization) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (!token) throw new DomainError("UNAUTHENTICATED", "a token is wanted: Authorization: Bearer <token>", {});
    const actor = actors.get(digest(token));
    if (!actor) throw new DomainError("UNAUTHENTICATED", "this token is not known", {});
    return actor;
  };
}
