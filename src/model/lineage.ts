import "reflect-metadata";
import { createUnionType, Field, ID, Int, ObjectType } from "type-graphql";
import { Artifact } from "./artifact.ts";
import { EdgeKind } from "./enums.ts";
import { Run, Step } from "./execution.ts";
import { Version } from "./version.ts";

@ObjectType({
  description: "Something you may not read. It keeps its place in the graph but shows nothing except its id.",
})
export class Restricted {
  @Field(() => ID, { description: "Id of the version, run, step or artifact." })
  id!: string;
}

export const LineageThing = createUnionType({
  name: "LineageThing",
  description: "What a node of a lineage can be.",
  types: () => [Version, Run, Step, Artifact, Restricted] as const,
});

// `simpleResolvers` skips type-graphql's middleware: a response has thousands of nodes.
@ObjectType({ simpleResolvers: true, description: "One node of a lineage and its distance from the roots." })
export class LineageNode {
  @Field(() => ID, { description: "Id of the version, run, step or artifact." })
  id!: string;
  @Field(() => Int, {
    description:
      "Number of executions crossed from the nearest root: 0 for a root, positive downstream, negative upstream.",
  })
  depth!: number;
  /** Set if the walk loaded it; otherwise the resolver loads it on request. */
  @Field(() => LineageThing, { description: "The version, run, step or artifact." })
  node?: typeof LineageThing | null;
  restricted!: boolean;
  /** The time as of which nested fields answer; null for now. */
  asOf?: number | null;
}

@ObjectType({ simpleResolvers: true, description: "One edge of a lineage. It always points along the flow of data." })
export class LineageEdge {
  @Field(() => ID, { description: "Id of the node that the data comes from." })
  from!: string;
  @Field(() => ID, { description: "Id of the node that the data goes to." })
  to!: string;
  @Field(() => EdgeKind, { description: "What the edge represents." })
  kind!: EdgeKind;
  @Field(() => String, { nullable: true, description: "Name of the input or output; null if not given." })
  slot!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Role of the version, such as `model` or `reference`; null if not given.",
  })
  role!: string | null;
}

@ObjectType({ description: "A level of a lineage that is not shown completely." })
export class OmittedLevel {
  @Field(() => Int, { description: "Depth of the level." })
  depth!: number;
  @Field(() => Int, {
    nullable: true,
    description: "Number of nodes omitted from the level; null if that is unknown without walking further.",
  })
  count!: number | null;
}

@ObjectType({ description: "Where versions came from and what they feed, as a flat graph that holds each node once." })
export class Lineage {
  rootIds!: string[];
  /** The time as of which nested fields answer; null for now. */
  asOf!: number | null;
  @Field(() => [LineageNode], { description: "Nodes, nearest first." })
  nodes!: LineageNode[];
  @Field(() => [LineageEdge], { description: "All edges between these nodes, up to 10 times `limit`." })
  edges!: LineageEdge[];
  @Field(() => Boolean, { description: "Whether nodes within `depth`, or edges, were omitted." })
  truncated!: boolean;
  @Field(() => [OmittedLevel], {
    description:
      "In each direction, the first level that is not shown completely, then the next level if there is one.",
  })
  omitted!: OmittedLevel[];
}
