import "reflect-metadata";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { BigInteger, DateTime, VersionRef } from "./scalars.ts";
import { Version } from "./version.ts";

/** A version to delete. */
@InputType({ description: "A version to delete; a tombstone keeps its place in the lineage." })
export class DeleteVersionInput {
  @Field(() => VersionRef, { description: "The version." })
  ref!: string;
  @Field(() => Boolean, { nullable: true, description: "Only the bytes go; the record stays READY." })
  bytesOnly?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: "Although something holds it; needs the role admin." })
  force?: boolean | null;
}

/** An artifact to delete with all its versions. */
@InputType({ description: "An artifact to delete with all its versions; tombstones stay." })
export class DeleteArtifactInput {
  @Field(() => String, { description: "The project." })
  project!: string;
  @Field(() => String, { description: "The artifact." })
  name!: string;
  @Field(() => Boolean, { nullable: true, description: "Although something holds a version; needs the role admin." })
  force?: boolean | null;
}

/** Which versions to clean up. */
@InputType({
  description:
    "Which versions to clean up: never one with an alias or in a stage, or from which one that stays was made.",
})
export class PruneInput {
  @Field(() => String, { description: "The project." })
  project!: string;
  @Field(() => String, { nullable: true, description: "Only this artifact." })
  artifact?: string | null;
  @Field(() => DateTime, { nullable: true, description: "Only versions logged before." })
  olderThan?: number | null;
  @Field(() => Int, { nullable: true, description: "The newest so many of each artifact stay: 1 when left out." })
  keepLast?: number | null;
  @Field(() => Boolean, { nullable: true, description: "Only says what would go." })
  dryRun?: boolean | null;
}

/** What a clean-up took, or would take. */
@ObjectType({ description: "What a clean-up took, or would take." })
export class PrunePayload {
  @Field(() => [Version], { description: "The versions." })
  versions!: Version[];
  @Field(() => Int, { description: "How many." })
  count!: number;
  @Field(() => BigInteger, { description: "Bytes of theirs that no other version has." })
  bytes!: number;
}
