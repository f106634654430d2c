import "reflect-metadata";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { Artifact } from "./artifact.ts";
import { TagsInput } from "./execution.input.ts";
import { BigInteger, DateTime, Json, VersionRef } from "./scalars.ts";
import { LabelInput } from "./version.input.ts";
import { Version } from "./version.ts";

/** Labels to set and to remove; those of other keys stay. */
@InputType({ description: "Labels to set and to remove; those of other keys stay." })
export class LabelsInput {
  @Field(() => [LabelInput], { nullable: true, description: "To set." })
  set?: LabelInput[] | null;
  @Field(() => [String], { nullable: true, description: "Keys to remove." })
  remove?: string[] | null;
}

/** Metadata to set and to remove; other keys stay. */
@InputType({ description: "Metadata to set and to remove; other keys stay." })
export class MetadataChangeInput {
  @Field(() => Json, { nullable: true, description: "Keys of the top level, each set whole." })
  set?: unknown;
  @Field(() => [String], { nullable: true, description: "Keys to remove, nested ones joined by dots." })
  remove?: string[] | null;
}

/** A change of a version. */
@InputType({ description: "A change of a version; what is left out stays." })
export class UpdateVersionInput {
  @Field(() => VersionRef, { description: "The version." })
  ref!: string;
  @Field(() => String, { nullable: true, description: "What it is, in words; null takes it away." })
  description?: string | null;
  @Field(() => String, { nullable: true, description: "May be set once, while there is none." })
  versionName?: string | null;
  @Field(() => TagsInput, { nullable: true, description: "Tags to add and to remove." })
  tags?: TagsInput | null;
  @Field(() => LabelsInput, { nullable: true, description: "Labels to set and to remove." })
  labels?: LabelsInput | null;
  @Field(() => MetadataChangeInput, { nullable: true, description: "Metadata to set and to remove." })
  metadata?: MetadataChangeInput | null;
}

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

/** The version as it is now. */
@ObjectType({ description: "The version as it is now." })
export class VersionPayload {
  @Field(() => Version, { description: "The version as it is now." })
  version!: Version;
}

/** The artifact as it is now. */
@ObjectType({ description: "The artifact as it is now." })
export class ArtifactPayload {
  @Field(() => Artifact, { description: "The artifact as it is now." })
  artifact!: Artifact;
}
