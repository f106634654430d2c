import "reflect-metadata";
import { Field, InputType, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { Node } from "./node.ts";
import { DateTime } from "./scalars.ts";

/** A namespace of artifacts and runs, and what roles are given for. */
@ObjectType({ implements: Node, description: "A namespace of artifacts and runs; roles are given by project." })
export class Project extends Node {
  @Field(() => String, { description: "Letters, digits, `.`, `_` and `-`; 1 to 128, the first a letter or digit." })
  name!: string;
  @Field(() => String, { nullable: true, description: "What it is for." })
  description!: string | null;
  @Field(() => DateTime, { description: "When it was created." })
  createdAt!: number;
}

/** One page of projects. */
export const ProjectConnection = connectionOf<Project>("Project", () => Project);

/** A new project. */
@InputType({ description: "A new project." })
export class CreateProjectInput {
  @Field(() => String, { description: "Letters, digits, `.`, `_` and `-`; 1 to 128, the first a letter or digit." })
  name!: string;
  @Field(() => String, { nullable: true, description: "What it is for." })
  description?: string | null;
}

/** What a change of a project gives. */
@ObjectType({ description: "The project as it is now." })
export class ProjectPayload {
  @Field(() => Project, { description: "The project as it is now." })
  project!: Project;
}
