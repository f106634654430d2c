import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { findNode } from "../domain/core/find-node.ts";
import { createProject } from "../domain/projects/create-project.ts";
import { findProject } from "../domain/projects/find-project.ts";
import { listProjects } from "../domain/projects/list-projects.ts";
import { updateProject } from "../domain/projects/update-project.ts";
import { PageArgs } from "../model/connection.ts";
import { Node } from "../model/node.ts";
import {
  CreateProjectInput,
  Project,
  ProjectConnection,
  ProjectPayload,
  UpdateProjectInput,
} from "../model/project.ts";
import type { Context } from "./context.ts";

@Resolver(() => Project)
export class ProjectResolver {
  @Query(() => Node, { nullable: true, description: "Any object by its id; null if there is none." })
  node(@Arg("id", () => ID, { description: "Id of the object." }) id: string, @Ctx() context: Context) {
    return findNode(context, context.loaders.entities, id);
  }

  @Query(() => Project, { nullable: true, description: "A project by its name; null if there is none." })
  project(@Arg("name", () => String, { description: "Name of the project." }) name: string, @Ctx() context: Context) {
    return findProject(context, context.loaders.projects, name);
  }

  @Query(() => ProjectConnection, { description: "The projects that you may read, by name." })
  projects(@Args(() => PageArgs) page: PageArgs, @Ctx() context: Context) {
    return listProjects(context, page);
  }

  @Mutation(() => ProjectPayload, {
    description: "Creates a project; `ALREADY_EXISTS` if the name is taken. Requires the `admin` role.",
  })
  createProject(@Arg("input", () => CreateProjectInput) input: CreateProjectInput, @Ctx() context: Context) {
    return createProject(context, input);
  }

  @Mutation(() => ProjectPayload, {
    description: "Changes a project's description and settings. Requires the `admin` role.",
  })
  updateProject(@Arg("input", () => UpdateProjectInput) input: UpdateProjectInput, @Ctx() context: Context) {
    return updateProject(context, input);
  }
}
