import "reflect-metadata";
import { Field, InputType, Int, ObjectType } from "type-graphql";
import { BigInteger, DateTime, VersionRef } from "./scalars.ts";
import { Version } from "./version.ts";

@InputType({ description: "Input of `deleteVersion`." })
export class DeleteVersionInput {
  @Field(() => VersionRef, { description: "The version to delete." })
  ref!: string;
  @Field(() => Boolean, {
    nullable: true,
    description: "Delete only the bytes and keep the version READY. Default: false.",
  })
  bytesOnly?: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      "Delete even if an alias, a stage or a live descendant in its project uses the version. Requires the `admin` role. Default: false.",
  })
  force?: boolean | null;
}

@InputType({ description: "Input of `deleteArtifact`." })
export class DeleteArtifactInput {
  @Field(() => String, { description: "Name of the project." })
  project!: string;
  @Field(() => String, { description: "Name of the artifact." })
  name!: string;
  @Field(() => Boolean, {
    nullable: true,
    description:
      "Delete even if an alias, a stage or a live descendant in another artifact uses a version. Requires the `admin` role. Default: false.",
  })
  force?: boolean | null;
}

@InputType({
  description:
    "Input of `prune`. A version is always kept while it has an alias, is in a stage, or has a descendant in its project that is kept.",
})
export class PruneInput {
  @Field(() => String, { description: "Name of the project." })
  project!: string;
  @Field(() => String, {
    nullable: true,
    description: "Prune only the artifact with this name; omit for all artifacts of the project.",
  })
  artifact?: string | null;
  @Field(() => DateTime, {
    nullable: true,
    description: "Prune only versions logged before this time; omit for any age.",
  })
  olderThan?: number | null;
  @Field(() => Int, {
    nullable: true,
    description: "Number of newest versions of each artifact to keep, 0 or more. Default: 1.",
  })
  keepLast?: number | null;
  @Field(() => Boolean, {
    nullable: true,
    description: "Report what would be deleted without deleting it. Default: false.",
  })
  dryRun?: boolean | null;
}

@ObjectType({ description: "Versions that were pruned, or would be with `dryRun`." })
export class PrunePayload {
  @Field(() => [Version], { description: "The pruned versions." })
  versions!: Version[];
  @Field(() => Int, { description: "Number of pruned versions." })
  count!: number;
  @Field(() => BigInteger, { description: "Bytes that only the pruned versions use." })
  bytes!: number;
  @Field(() => Int, {
    description:
      "Number of versions in other projects that were made from them. These keep no version: a tombstone keeps their lineage whole.",
  })
  consumersElsewhere!: number;
}
