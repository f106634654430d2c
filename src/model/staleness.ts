import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { Version } from "./version.ts";

@ObjectType({ description: "An input that has a newer version." })
export class Outdated {
  @Field(() => Version, { description: "The outdated input, direct or transitive." })
  input!: Version;
  @Field(() => Version, {
    description:
      "The newest version of its artifact that has not been deleted. The requested version and its descendants do not count.",
  })
  newest!: Version;
  @Field(() => Int, { description: "Number of runs and steps between the input and the requested version." })
  depth!: number;
}

@ObjectType({ description: "Whether inputs of a version have newer versions." })
export class Staleness {
  @Field(() => Boolean, { description: "Whether at least one input is outdated." })
  stale!: boolean;
  @Field(() => [Outdated], { description: "Outdated inputs, nearest first; versions you may not read are omitted." })
  outdated!: Outdated[];
}
