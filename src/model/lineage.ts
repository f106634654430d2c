import "reflect-metadata";
import { createUnionType, Field, ID, Int, ObjectType } from "type-graphql";
import { Artifact } from "./artifact.ts";
import { EdgeKind } from "./enums.ts";
import { Run, Step } from "./execution.ts";
import { Version } from "./version.ts";

/** A thing that the caller may not read. */
@ObjectType({
  description: "Something the caller may not read: it keeps its place in the graph and tells nothing else.",
})
export class Restricted {
  @Field(() => ID, { description: "The thing's own id." })
  id!: string;
}

/** What a node of a lineage may be. */
export const LineageThing = createUnionType({
  name: "LineageThing",
  description: "What a node of a lineage may be.",
  types: () => [Version, Run, Step, Artifact, Restricted] as const,
});

/** One thing in a lineage, and how far from the roots. */
// `simpleResolvers`: an answer has thousands of these, and what type-graphql could put between a field and its value costs.
@ObjectType({ simpleResolvers: true, description: "One thing in a lineage, and how far from the roots." })
export class LineageNode {
  @Field(() => ID, { description: "The thing's own id." })
  id!: string;
  @Field(() => Int, {
    description: "Executions crossed from the nearest root: downstream positive, upstream negative, a root 0.",
  })
  depth!: number;
  /** Where the walk brought it along; else it is found for who asks for it. */
  @Field(() => LineageThing, { description: "The thing itself." })
  node?: typeof LineageThing | null;
  restricted!: boolean;
  /** The time that it is looked at from; null for now. */
  asOf?: number | null;
}

/** One edge of a lineage; it follows the data. */
@ObjectType({ simpleResolvers: true, description: "One edge of a lineage; `from` to `to` always follows the data." })
export class LineageEdge {
  @Field(() => ID, { description: "Where the data comes from." })
  from!: string;
  @Field(() => ID, { description: "Where it goes." })
  to!: string;
  @Field(() => EdgeKind, { description: "What the edge says." })
  kind!: EdgeKind;
  @Field(() => String, { nullable: true, description: "The name of the input or output." })
  slot!: string | null;
  @Field(() => String, { nullable: true, description: "What the version is to the execution." })
  role!: string | null;
}

/** A level that is not wholly shown. */
@ObjectType({ description: "A level that is not wholly shown." })
export class OmittedLevel {
  @Field(() => Int, { description: "Its depth." })
  depth!: number;
  @Field(() => Int, {
    nullable: true,
    description: "How many of it are left out; null when it would have to be walked to be known.",
  })
  count!: number | null;
}

/** An answer about lineage: flat, each thing once. */
@ObjectType({ description: "Where versions came from and what they feed: flat, each thing once." })
export class Lineage {
  rootIds!: string[];
  /** The time that it is looked at from; null for now. */
  asOf!: number | null;
  @Field(() => [LineageNode], { description: "The things, nearest first." })
  nodes!: LineageNode[];
  @Field(() => [LineageEdge], { description: "All edges between them." })
  edges!: LineageEdge[];
  @Field(() => Boolean, { description: "True if and only if something within `depth` was left out." })
  truncated!: boolean;
  @Field(() => [OmittedLevel], {
    description:
      "The first level that is not wholly shown with how much of it is left out; then the next, if there is more.",
  })
  omitted!: OmittedLevel[];
}
