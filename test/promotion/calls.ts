import type { TestService } from "../support/service.ts";

const promotion =
  "id kind stage from reason actor at forced gates { name passed expected found } version { id number stage } previous { id number stage }";
const moved = `promotion { ${promotion} } previous { id number stage } gates { name passed expected found }`;

/** The documents about stages, by name. */
export const staging = {
  defineStage: `mutation ($input: DefineStageInput!) {
    defineStage(input: $input) { stage { name exclusive displacedTo requiredRole } } }`,
  promote: `mutation ($input: PromoteInput!) { promote(input: $input) { ${moved} } }`,
  demote: `mutation ($input: DemoteInput!) { demote(input: $input) { ${moved} } }`,
  rollback: `mutation ($input: RollbackInput!) { rollback(input: $input) { ${moved} } }`,
};
export const stages = `query ($project: String!, $asOf: DateTime, $artifact: String) {
  stages(project: $project, asOf: $asOf) { name exclusive displacedTo requiredRole
    holders(artifact: $artifact) { artifact { name } version { id number stage } since } } }`;
const history = `query ($ref: VersionRef!, $first: Int, $after: String) { version(ref: $ref) {
  promotions(first: $first, after: $after) { nodes { ${promotion} } totalCount pageInfo { hasNextPage endCursor } }
  artifact { promotions(first: $first, after: $after) { nodes { ${promotion} } totalCount pageInfo { hasNextPage endCursor } } } } }`;

export interface Shown {
  id: string;
  number: number;
  stage: string | null;
}
interface ShownGate {
  name: string;
  passed: boolean;
  expected: unknown;
  found: unknown;
}
export interface ShownPromotion {
  id: string;
  kind: string;
  stage: string;
  from: string | null;
  reason: string | null;
  actor: string;
  at: string;
  forced: boolean;
  gates: ShownGate[];
  version: Shown;
  previous: Shown | null;
}
export interface ShownStage {
  name: string;
  exclusive: boolean;
  displacedTo: string | null;
  requiredRole: string | null;
  holders: { artifact: { name: string }; version: Shown; since: string }[];
}
export interface Moved {
  promotion: ShownPromotion | null;
  previous: Shown | null;
  gates: ShownGate[];
}
interface Page {
  nodes: ShownPromotion[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

/** Calls about stages that must succeed, with unwrapped results. */
export function stagingOf(service: Pick<TestService, "data">, token?: string) {
  const call = async (name: keyof typeof staging, input: object): Promise<Moved> => {
    const answer = await service.data<Record<string, Moved>>(staging[name], { input }, token);
    const done = answer[name];
    if (!done) throw new Error(`${name} gave no answer`);
    return done;
  };
  const list = async (project: string, more: object = {}): Promise<ShownStage[]> =>
    (await service.data<{ stages: ShownStage[] }>(stages, { project, ...more }, token)).stages;
  return {
    define: (project: string, name: string, more: object = {}) => call("defineStage", { project, name, ...more }),
    promote: (version: string, stage: string, more: object = {}) => call("promote", { version, stage, ...more }),
    demote: (version: string, stage: string) => call("demote", { version, stage }),
    rollback: (project: string, name: string, stage: string, more: object = {}) =>
      call("rollback", { project, name, stage, ...more }),
    stages: list,
    /** `<stage> <artifact>:<number>` of everything in a stage, in the order of the stages. */
    held: async (project: string, more: object = {}): Promise<string[]> =>
      (await list(project, more)).flatMap(({ name, holders }) =>
        holders.map(({ artifact, version }) => `${name} ${artifact.name}:${version.number}`),
      ),
    /** The rest of a version's history, or of its artifact's, after a cursor. */
    page: async (of: "version" | "artifact", ref: string, after: string): Promise<ShownPromotion[]> => {
      const asked = `promotions(after: $after) { nodes { ${promotion} } }`;
      const query = `query ($ref: VersionRef!, $after: String) { version(ref: $ref) {
        ${of === "version" ? asked : `artifact { ${asked} }`} } }`;
      type Rest = { promotions: { nodes: ShownPromotion[] } };
      const { version } = await service.data<{ version: Rest & { artifact: Rest } }>(query, { ref, after }, token);
      return (of === "version" ? version : version.artifact).promotions.nodes;
    },
    history: async (ref: string, page: object = {}): Promise<{ version: Page; artifact: Page }> => {
      type Answer = { version: { promotions: Page; artifact: { promotions: Page } } };
      const { version } = await service.data<Answer>(history, { ref, ...page }, token);
      return { version: version.promotions, artifact: version.artifact.promotions };
    },
  };
}

/** `<kind> <number> <from> > <stage> (<previous>)` for each entry. */
export function received(entries: ShownPromotion[]): string[] {
  return entries.map(
    ({ kind, version, from, stage, previous }) =>
      `${kind} ${version.number} ${from ?? "-"} > ${stage} (${previous?.number ?? "-"})`,
  );
}
