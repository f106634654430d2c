import type { ActorName, Api } from "./api.ts";

const changed = `id number state description versionName metadata tags labels { key value } aliases isLatest size
  files { path } createdAt updatedAt`;

/** The fields of a version that tests of changes read. */
export interface Changed {
  id: string;
  state: string;
  versionName: string | null;
  createdAt: string;
  updatedAt: string;
  [field: string]: unknown;
}

/** The documents of the mutations that change or delete, by name. */
export const changing = {
  setAlias: `mutation ($input: SetAliasInput!) { setAlias(input: $input) { version { ${changed} } } }`,
  removeAlias:
    "mutation ($input: RemoveAliasInput!) { removeAlias(input: $input) { artifact { id aliases { alias version { id } } } } }",
  updateVersion: `mutation ($input: UpdateVersionInput!) { updateVersion(input: $input) { version { ${changed} } } }`,
  updateArtifact:
    "mutation ($input: UpdateArtifactInput!) { updateArtifact(input: $input) { artifact { id name description tags updatedAt } } }",
  updateProject: `mutation ($input: UpdateProjectInput!) {
    updateProject(input: $input) { project { id description settings { storagePrefix staleAfterSeconds } } } }`,
  deleteVersion: `mutation ($input: DeleteVersionInput!) { deleteVersion(input: $input) { version { ${changed} } } }`,
  deleteArtifact: `mutation ($input: DeleteArtifactInput!) {
    deleteArtifact(input: $input) { artifact { id latest { id } aliases { alias } versions { totalCount } } } }`,
  prune:
    "mutation ($input: PruneInput!) { prune(input: $input) { count bytes versions { id number state artifact { name } } } }",
};
export type Change = keyof typeof changing;

/** The mutations that change or delete: their results, and their refusals. */
export function changesOf(api: Api) {
  return {
    /** The payload of a mutation. */
    change: async <T = { version: Changed }>(name: Change, input: object, actor?: ActorName): Promise<T> =>
      (await api.data<Record<Change, T>>(changing[name], { input }, actor))[name],
    refused: (name: Change, input: object, actor?: ActorName) => api.refusal(changing[name], { input }, actor),
  };
}
