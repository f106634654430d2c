import "reflect-metadata";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { createConnectionType } from "./connection.ts";
import { Node } from "./node.ts";
import { DateTime } from "./scalars.ts";

@ObjectType({ description: "Settings of a project." })
export class ProjectSettings {
  @Field(() => String, {
    nullable: true,
    description:
      "Prefix in the store for the project's bytes, where `{{project}}` is replaced by its name; null for the default, `{{project}}`.",
  })
  storagePrefix!: string | null;
  @Field(() => Int, {
    nullable: true,
    description: "Seconds without a report after which a RUNNING run becomes STALE; null for never.",
  })
  staleAfterSeconds!: number | null;
}

@ObjectType({ implements: Node, description: "A namespace of artifacts and runs. Roles are granted per project." })
export class Project extends Node {
  @Field(() => String, {
    description: "Name: 1 to 128 letters, digits, `.`, `_` and `-`, starting with a letter or digit.",
  })
  name!: string;
  @Field(() => String, { nullable: true, description: "Free text; null if not set." })
  description!: string | null;
  @Field(() => DateTime, { description: "When it was created." })
  createdAt!: number;
  @Field(() => ProjectSettings, { description: "Settings of the project." })
  settings!: ProjectSettings;
}

export const ProjectConnection = createConnectionType<Project>("Project", () => Project);

/** Settings that can be given when a project is created or updated. */
@InputType()
abstract class ProjectFields {
  @Field(() => String, {
    nullable: true,
    description:
      "Prefix in the store for bytes stored from now on; `{{project}}` is replaced by the project's name. `null` restores the default, `{{project}}`.",
  })
  storagePrefix?: string | null;
  @Field(() => Int, {
    nullable: true,
    description:
      "Seconds without a report on a run or its steps after which a RUNNING run becomes STALE: 1 to 31,536,000 (a year); `null` for never.",
  })
  staleAfterSeconds?: number | null;
}

@InputType({ description: "Input of `createProject`." })
export class CreateProjectInput extends ProjectFields {
  @Field(() => String, {
    description: "Name: 1 to 128 letters, digits, `.`, `_` and `-`, starting with a letter or digit.",
  })
  name!: string;
  @Field(() => String, { nullable: true, description: "Free text, up to 65,536 characters." })
  description?: string | null;
}

@InputType({ description: "Input of `updateProject`. Omitted fields stay unchanged." })
export class UpdateProjectInput extends ProjectFields {
  @Field(() => String, { description: "Name of the project." })
  name!: string;
  @Field(() => String, { nullable: true, description: "New description, up to 65,536 characters; `null` clears it." })
  description?: string | null;
}

@ObjectType({ description: "Result of a change to a project." })
export class ProjectPayload {
  @Field(() => Project, { description: "The project after the change." })
  project!: Project;
}
