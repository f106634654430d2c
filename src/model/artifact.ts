import "reflect-metadata";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { Kind } from "./enums.ts";
import { Node } from "./node.ts";
import { DateTime } from "./scalars.ts";
import { TagsInput } from "./tags.ts";
import { Version } from "./version.ts";

/** A name in a project under which versions are logged. */
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: "A name in a project under which versions are logged.",
})
export class Artifact extends Node {
  /** `project/name`: the natural key. */
  key!: string;
  projectName!: string;
  @Field(() => String, { description: "1 to 255 characters; may hold `/`." })
  name!: string;
  @Field(() => Kind, { description: "Set by the first version; changed only by a later one that names a kind." })
  kind!: Kind;
  @Field(() => String, { nullable: true, description: "What it is." })
  description!: string | null;
  @Field(() => DateTime, { description: "When its first version was logged." })
  createdAt!: number;
  @Field(() => DateTime, { description: "When it last changed, by a new version for example." })
  updatedAt!: number;
}

/** The version that an alias points to. */
@ObjectType({ description: "The version that an alias points to." })
export class AliasHolder {
  @Field(() => String, { description: "The alias." })
  alias!: string;
  @Field(() => Version, { description: "Its only holder in the artifact." })
  version!: Version;
}

/** How many artifacts are of a kind. */
@ObjectType({ description: "How many artifacts are of a kind." })
export class KindCount {
  @Field(() => Kind, { description: "The kind." })
  kind!: Kind;
  @Field(() => Int, { description: "How many there are." })
  count!: number;
}

/** One page of artifacts. */
export const ArtifactConnection = connectionOf<Artifact>("Artifact", () => Artifact);

/** A change of an artifact. */
@InputType({ description: "A change of an artifact; what is left out stays." })
export class UpdateArtifactInput {
  @Field(() => String, { description: "The project." })
  project!: string;
  @Field(() => String, { description: "The artifact." })
  name!: string;
  @Field(() => TagsInput, { nullable: true, description: "Tags to add and to remove." })
  tags?: TagsInput | null;
  @Field(() => String, { nullable: true, description: "What it is, in words; null takes it away." })
  description?: string | null;
}

/** The artifact as it is now. */
@ObjectType({ description: "The artifact as it is now." })
export class ArtifactPayload {
  @Field(() => Artifact, { description: "The artifact as it is now." })
  artifact!: Artifact;
}
