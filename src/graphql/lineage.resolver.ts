import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import { lineageOf, lineageRoots } from "../domain/lineage.ts";
import { Direction, Granularity } from "../model/enums.ts";
import { Lineage, LineageNode, LineageThing, Restricted } from "../model/lineage.ts";
import { VersionRef } from "../model/scalars.ts";
import { Version } from "../model/version.ts";
import type { Context } from "./context.ts";

@ArgsType()
class LineageArgs {
  @Field(() => Direction, { nullable: true, defaultValue: "BOTH", description: "Which way to go." })
  direction?: Direction | null;
  @Field(() => Int, {
    nullable: true,
    description: "Executions to cross at most, up to 10,000; to the end when left out.",
  })
  depth?: number | null;
  @Field(() => Granularity, { nullable: true, defaultValue: "EXECUTION", description: "What the nodes are." })
  granularity?: Granularity | null;
  @Field(() => Int, {
    nullable: true,
    defaultValue: 1000,
    description: "Nodes to show at most, up to 10,000; nearest first.",
  })
  limit?: number | null;
}

const questionOf = ({ direction, depth, granularity, limit }: LineageArgs) => ({
  direction: direction ?? "BOTH",
  depth,
  granularity: granularity ?? "EXECUTION",
  limit: limit ?? 1_000,
});

@Resolver(() => Lineage)
export class LineageResolver {
  @Query(() => Lineage, {
    nullable: true,
    description: "Where 1 to 100 versions came from and what they feed; null, with the error, when a reference fails.",
  })
  async lineage(
    @Arg("of", () => [VersionRef]) of: string[],
    @Args(() => LineageArgs) args: LineageArgs,
    @Ctx() { deps, actor }: Context,
  ) {
    return lineageOf(deps, actor, await lineageRoots(deps, actor, of), questionOf(args));
  }

  @FieldResolver(() => [Version], { description: "The versions that were asked for." })
  roots(@Root() lineage: Lineage, @Ctx() { loaders }: Context) {
    return loaders.things.loadMany(lineage.rootIds);
  }
}

@Resolver(() => LineageNode)
export class LineageNodeResolver {
  @FieldResolver(() => LineageThing, { description: "The thing itself." })
  node(@Root() { id, restricted }: LineageNode, @Ctx() { loaders }: Context) {
    return restricted ? Object.assign(new Restricted(), { id }) : loaders.things.load(id);
  }
}

@Resolver(() => Version)
export class VersionLineageResolver {
  @FieldResolver(() => Lineage, { description: "Where it came from and what it feeds." })
  lineage(@Root() version: Version, @Args(() => LineageArgs) args: LineageArgs, @Ctx() { deps, actor }: Context) {
    return lineageOf(deps, actor, [version.id], questionOf(args));
  }
}
