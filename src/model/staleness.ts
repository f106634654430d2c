import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { Version } from "./version.ts";

/** An input of which there is a newer version. */
@ObjectType({ description: "An input of which there is a newer version." })
export class Outdated {
  @Field(() => Version, { description: "The direct or transitive input." })
  input!: Version;
  @Field(() => Version, {
    description: "The newest version of its artifact that is there and doesn't descend from the version asked about.",
  })
  newest!: Version;
  @Field(() => Int, { description: "Executions crossed from the version to the input." })
  depth!: number;
}

/** Whether a version was made from what has newer versions now. */
@ObjectType({ description: "Whether a version was made from what has newer versions now." })
export class Staleness {
  @Field(() => Boolean, { description: "Whether there is an outdated input." })
  stale!: boolean;
  @Field(() => [Outdated], { description: "Outdated inputs, nearest first; what you may not read is left out." })
  outdated!: Outdated[];
}
