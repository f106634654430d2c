import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { Version } from "./version.ts";

/** A version in a stage that descends from the one asked about. */
@ObjectType({ description: "A version in a stage that descends from the one asked about." })
export class PromotedImpact {
  @Field(() => Version, { description: "The version." })
  version!: Version;
  @Field(() => String, { description: "The stage that it is in." })
  stage!: string;
  @Field(() => Int, { description: "Executions crossed to it." })
  depth!: number;
}

/** A version with an alias that descends from the one asked about. */
@ObjectType({ description: "A version with an alias that descends from the one asked about." })
export class AliasedImpact {
  @Field(() => Version, { description: "The version." })
  version!: Version;
  @Field(() => String, { description: "The alias; one with several is there once for each." })
  alias!: string;
  @Field(() => Int, { description: "Executions crossed to it." })
  depth!: number;
}

/** What descends from a version. */
@ObjectType({ description: "What descends from a version." })
export class Impact {
  @Field(() => [PromotedImpact], {
    description: "Those in a stage, nearest first; what you may not read is left out.",
  })
  promoted!: PromotedImpact[];
  @Field(() => [AliasedImpact], {
    description: "Those with an alias, nearest first; what you may not read is left out.",
  })
  aliased!: AliasedImpact[];
  @Field(() => Int, {
    description: "Versions, but for the one asked about; those that you may not read, and those deleted, count.",
  })
  versions!: number;
  @Field(() => Int, { description: "Runs and steps; those that you may not read count." })
  executions!: number;
  @Field(() => Boolean, {
    description: "True when there is more than was looked at: some 100,000 things, nearest first.",
  })
  truncated!: boolean;
}
