import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { LineageEdge, LineageNode } from "./lineage.ts";

@ObjectType({ description: "One path of data from a version to another; it contains no node more than once." })
export class LineagePath {
  @Field(() => [LineageNode], {
    description: "Nodes in order from `from` to `to`, including runs and steps; `depth` is counted from `from`.",
  })
  nodes!: LineageNode[];
  @Field(() => [LineageEdge], { description: "All edges between consecutive nodes." })
  edges!: LineageEdge[];
  @Field(() => Int, { description: "Number of runs and steps on the path." })
  length!: number;
}

@ObjectType({ description: "Paths of data from a version to another." })
export class LineagePaths {
  @Field(() => [LineagePath], { description: "Paths, shortest first; empty if the two versions are not connected." })
  paths!: LineagePath[];
  @Field(() => Boolean, { description: "Whether these are all paths that exist; false if the search was cut short." })
  complete!: boolean;
}
