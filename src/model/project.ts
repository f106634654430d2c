import "reflect-metadata";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { Node } from "./node.ts";
import { DateTime } from "./scalars.ts";

/** What a project sets for itself. */
@ObjectType({ description: "What a project sets for itself." })
export class ProjectSettings {
  @Field(() => String, {
    nullable: true,
    description: "Where in the store its bytes go; `{{project}}` stands for its name.",
  })
  storagePrefix!: string | null;
  @Field(() => Int, {
    nullable: true,
    description:
      "After how many seconds without a call about it, or about one of its steps, a RUNNING run becomes STALE; null for never.",
  })
  staleAfterSeconds!: number | null;
}

/** A namespace of artifacts and runs, and what roles are given for. */
@ObjectType({ implements: Node, description: "A namespace of artifacts and runs; roles are given by project." })
export class Project extends Node {
  @Field(() => String, { description: "Letters, digits, `.`, `_` and `-`; 1 to 128, the first a letter or digit." })
  name!: string;
  @Field(() => String, { nullable: true, description: "What it is for." })
  description!: string | null;
  @Field(() => DateTime, { description: "When it was created." })
  createdAt!: number;
  @Field(() => ProjectSettings, { description: "What it sets for itself." })
  settings!: ProjectSettings;
}

/** One page of projects. */
export const ProjectConnection = connectionOf<Project>("Project", () => Project);

/** What a project sets for itself, of new ones and changed ones alike. */
@InputType()
abstract class ProjectFields {
  @Field(() => String, {
    nullable: true,
    description: "Where in the store its bytes go from now on; `{{project}}` stands for its name.",
  })
  storagePrefix?: string | null;
  @Field(() => Int, {
    nullable: true,
    description:
      "After how many seconds without a call about it or its steps a run is STALE: 1 to 31,536,000 (a year).",
  })
  staleAfterSeconds?: number | null;
}

/** A new project. */
@InputType({ description: "A new project." })
export class CreateProjectInput extends ProjectFields {
  @Field(() => String, { description: "Letters, digits, `.`, `_` and `-`; 1 to 128, the first a letter or digit." })
  name!: string;
  @Field(() => String, { nullable: true, description: "What it is for." })
  description?: string | null;
}

/** A change of a project. */
@InputType({ description: "A change of a project; what is left out stays." })
export class UpdateProjectInput extends ProjectFields {
  @Field(() => String, { description: "The project." })
  name!: string;
  @Field(() => String, { nullable: true, description: "What it is for; null takes it away." })
  description?: string | null;
}

/** What a change of a project gives. */
@ObjectType({ description: "The project as it is now." })
export class ProjectPayload {
  @Field(() => Project, { description: "The project as it is now." })
  project!: Project;
}
