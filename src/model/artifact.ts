import "reflect-metadata";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { createConnectionType } from "./connection.ts";
import { Kind } from "./enums.ts";
import { Node } from "./node.ts";
import { DateTime } from "./scalars.ts";
import { TagsInput } from "./tags.ts";
import { Version } from "./version.ts";

@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: "A name within a project under which versions are logged.",
})
export class Artifact extends Node {
  /** The natural key, `<project>/<name>`. */
  key!: string;
  projectName!: string;
  @Field(() => String, { description: "Name, unique within the project: 1 to 255 characters, may contain `/`." })
  name!: string;
  @Field(() => Kind, {
    description: "Kind, set by the first version; changes only when a later version names another kind.",
  })
  kind!: Kind;
  @Field(() => String, { nullable: true, description: "Free text; null if not set." })
  description!: string | null;
  @Field(() => DateTime, { description: "When its first version was logged." })
  createdAt!: number;
  @Field(() => DateTime, { description: "When it last changed, for example because a version was logged." })
  updatedAt!: number;
}

@ObjectType({ description: "An alias and the version it points to." })
export class AliasHolder {
  @Field(() => String, { description: "Name of the alias." })
  alias!: string;
  @Field(() => Version, { description: "The version that the alias points to; an alias has one holder per artifact." })
  version!: Version;
}

@ObjectType({ description: "Number of artifacts of one kind." })
export class KindCount {
  @Field(() => Kind, { description: "The kind." })
  kind!: Kind;
  @Field(() => Int, { description: "Number of artifacts of this kind." })
  count!: number;
}

export const ArtifactConnection = createConnectionType<Artifact>("Artifact", () => Artifact);

@InputType({ description: "Input of `updateArtifact`. Omitted fields stay unchanged." })
export class UpdateArtifactInput {
  @Field(() => String, { description: "Name of the project." })
  project!: string;
  @Field(() => String, { description: "Name of the artifact." })
  name!: string;
  @Field(() => TagsInput, { nullable: true, description: "Tags to add and to remove." })
  tags?: TagsInput | null;
  @Field(() => String, { nullable: true, description: "New description, up to 65,536 characters; `null` clears it." })
  description?: string | null;
}

@ObjectType({ description: "Result of a change to an artifact." })
export class ArtifactPayload {
  @Field(() => Artifact, { description: "The artifact after the change." })
  artifact!: Artifact;
}
