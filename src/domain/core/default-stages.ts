/** The names of the stages that every project has. */
export const defaultStageNames = ["staging", "production", "archived"] as const;

/** The key of a stage of a project. */
export function stageKey(project: string, name: string): string {
  return `${project}/${name}`;
}
