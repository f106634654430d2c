import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { ServiceOverrides } from "../../src/service.ts";
import { describeEngines, type Engine, startTestService, type TestService } from "./service.ts";

/** The fields of a version that tests of changes read. */
export interface Seen {
  id: string;
  uri: string;
  number: number;
  state: string;
  description: string | null;
  versionName: string | null;
  metadata: Record<string, unknown>;
  entries: { key: string; type: string; value: unknown }[];
  tags: string[];
  labels: { key: string; value: string }[];
  aliases: string[];
  isLatest: boolean;
  size: number | null;
  digest: string | null;
  location: string | null;
  files: { path: string; digest: string }[];
  createdAt: string;
  updatedAt: string;
}

const fields = `id uri number state description versionName metadata entries { key type value } tags labels { key value } aliases
  isLatest size digest location files { path digest } createdAt updatedAt`;

/** Logs a version. */
export const log = `mutation ($input: LogVersionInput!) { logVersion(input: $input) { created version { ${fields} } } }`;
export const update = `mutation ($input: UpdateVersionInput!) { updateVersion(input: $input) { version { ${fields} } } }`;
export const setAlias = `mutation ($input: SetAliasInput!) { setAlias(input: $input) { version { ${fields} } } }`;
export const removeAlias =
  "mutation ($input: RemoveAliasInput!) { removeAlias(input: $input) { artifact { aliases { alias version { id } } } } }";
export const updateArtifact =
  "mutation ($input: UpdateArtifactInput!) { updateArtifact(input: $input) { artifact { id tags description updatedAt } } }";
export const deleteVersion = `mutation ($input: DeleteVersionInput!) { deleteVersion(input: $input) { version { ${fields} } } }`;
export const deleteArtifact =
  "mutation ($input: DeleteArtifactInput!) { deleteArtifact(input: $input) { artifact { id latest { id } versions { totalCount } } } }";
export const prune =
  "mutation ($input: PruneInput!) { prune(input: $input) { count bytes versions { id number state artifact { name } } } }";
export const publishRun = `mutation ($input: PublishRunInput!) {
  publishRun(input: $input) { run { id steps { nodes { id outputs { nodes { version { id } } } } } outputs { nodes { version { id uri } } } } } }`;
const version = `query ($ref: VersionRef!) { version(ref: $ref) { ${fields} } }`;
const artifact = `query ($project: String!, $name: String!) { artifact(project: $project, name: $name) {
  latest { id number } tags description updatedAt aliases { alias version { id number } } } }`;

export interface SeenArtifact {
  latest: { id: string; number: number } | null;
  tags: string[];
  description: string | null;
  updatedAt: string;
  aliases: { alias: string; version: { id: string; number: number } }[];
}

/** Calls that must succeed, with unwrapped results. */
export function callsOf(service: Pick<TestService, "data">) {
  return {
    log: async (input: object, token?: string): Promise<Seen> =>
      (await service.data<{ logVersion: { version: Seen } }>(log, { input }, token)).logVersion.version,
    update: async (ref: string, change: object): Promise<Seen> =>
      (await service.data<{ updateVersion: { version: Seen } }>(update, { input: { ref, ...change } })).updateVersion
        .version,
    setAlias: async (ref: string, alias: string, more: object = {}): Promise<Seen> =>
      (await service.data<{ setAlias: { version: Seen } }>(setAlias, { input: { ref, alias, ...more } })).setAlias
        .version,
    remove: async (ref: string, more: object = {}, token?: string): Promise<Seen> =>
      (await service.data<{ deleteVersion: { version: Seen } }>(deleteVersion, { input: { ref, ...more } }, token))
        .deleteVersion.version,
    version: async (ref: string): Promise<Seen> => (await service.data<{ version: Seen }>(version, { ref })).version,
    artifact: async (project: string, name: string): Promise<SeenArtifact> =>
      (await service.data<{ artifact: SeenArtifact }>(artifact, { project, name })).artifact,
  };
}

/** The error code of a reference that doesn't resolve. */
export async function refOf(service: TestService, ref: string): Promise<string> {
  return (await service.refusal(version, { ref })).code;
}

/** Runs `work` `count` times concurrently. */
export function times<T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => work(i)));
}

/** Runs a suite on every engine, with a service. */
export function onEngines(
  about: string,
  body: (service: () => TestService, engine: Engine) => void,
  env: Record<string, string> = {},
  parts: (engine: Engine) => ServiceOverrides = () => ({}),
): void {
  describeEngines(about, (engine) => {
    let service: TestService;
    beforeAll(async () => {
      service = await startTestService(engine, env, parts(engine));
    });
    afterAll(() => service?.close());
    body(() => service, engine);
  });
}

/** Settings for token authentication with one token per role, named after the role and valid for all projects. */
export function tokensByRole(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "pedigree-tokens-"));
  const file = join(folder, "tokens.json");
  const entries = ["viewer", "contributor", "maintainer", "admin"].map((role) => ({
    sha256: createHash("sha256").update(role).digest("hex"),
    actor: `the ${role}`,
    role,
    projects: ["*"],
  }));
  writeFileSync(file, JSON.stringify(entries));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return { PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: file };
}
