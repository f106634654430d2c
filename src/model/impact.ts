import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { Version } from "./version.ts";

@ObjectType({ description: "A descendant that is in a stage." })
export class PromotedImpact {
  @Field(() => Version, { description: "The descendant." })
  version!: Version;
  @Field(() => String, { description: "Name of the stage it is in." })
  stage!: string;
  @Field(() => Int, { description: "Number of runs and steps between the two versions." })
  depth!: number;
}

@ObjectType({ description: "A descendant and one of its aliases." })
export class AliasedImpact {
  @Field(() => Version, { description: "The descendant." })
  version!: Version;
  @Field(() => String, { description: "Name of the alias. A version with several aliases is listed once per alias." })
  alias!: string;
  @Field(() => Int, { description: "Number of runs and steps between the two versions." })
  depth!: number;
}

@ObjectType({ description: "What descends from a version." })
export class Impact {
  @Field(() => [PromotedImpact], {
    description: "Descendants that are in a stage, nearest first; versions you may not read are omitted.",
  })
  promoted!: PromotedImpact[];
  @Field(() => [AliasedImpact], {
    description: "Descendants with an alias, nearest first; versions you may not read are omitted.",
  })
  aliased!: AliasedImpact[];
  @Field(() => Int, {
    description: "Number of descendant versions, including deleted ones and ones you may not read.",
  })
  versions!: number;
  @Field(() => Int, { description: "Number of descendant runs and steps, including ones you may not read." })
  executions!: number;
  @Field(() => Boolean, {
    description:
      "Whether more descends from the version than the roughly 100,000 nearest versions, runs and steps that were examined.",
  })
  truncated!: boolean;
}
