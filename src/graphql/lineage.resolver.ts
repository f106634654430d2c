import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Info, Int, Query, Resolver, Root } from "type-graphql";
import { resolveAsOf } from "../domain/core/as-of.ts";
import { findLineage } from "../domain/lineage/lineage.ts";
import { Direction, Granularity } from "../model/enums.ts";
import { LineageFilter } from "../model/lineage.input.ts";
import { Lineage, LineageNode } from "../model/lineage.ts";
import { asOfDescription, DateTime, VersionRef } from "../model/scalars.ts";
import { Version } from "../model/version.ts";
import type { Context } from "./context.ts";
import { requestedColumns, withEntities } from "./lineage-things.ts";
import { namesOf, selectedOf } from "./selection.ts";

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
  @Field(() => LineageFilter, {
    nullable: true,
    description:
      "What to show beside the roots: the rest, and the edges at it, are hidden, but not what lies beyond. Versions are joined only over executions that are shown.",
  })
  filter?: LineageFilter | null;
  @Field(() => LineageFilter, {
    nullable: true,
    description: "What not to go past: it is shown itself. The walk always leaves the roots.",
  })
  stopAt?: LineageFilter | null;
  @Field(() => Int, {
    nullable: true,
    defaultValue: 1000,
    description: "Nodes to show at most, up to 10,000; nearest first.",
  })
  limit?: number | null;
  @Field(() => DateTime, { nullable: true, description: asOfDescription })
  asOf?: number | null;
}

function questionOf({ direction, depth, granularity, filter, stopAt, limit, asOf }: LineageArgs) {
  return {
    direction: direction ?? "BOTH",
    depth,
    granularity: granularity ?? "EXECUTION",
    filter,
    stopAt,
    limit: limit ?? 1_000,
    asOf: asOf ?? null,
  };
}

@Resolver(() => Lineage)
export class LineageResolver {
  @Query(() => Lineage, {
    nullable: true,
    description: "Where 1 to 100 versions came from and what they feed; null, with the error, when a reference fails.",
  })
  lineage(
    @Arg("of", () => [VersionRef]) of: string[],
    @Args(() => LineageArgs) args: LineageArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return findLineage(context, of, { ...questionOf(args), columns: requestedColumns(info) });
  }

  @FieldResolver(() => [Version], { description: "The versions that were asked for." })
  roots(@Root() lineage: Lineage, @Ctx() { loaders }: Context, @Info() info: GraphQLResolveInfo) {
    return loaders
      .at(lineage)
      .thingsWith(namesOf(selectedOf(info)))
      .loadMany(lineage.rootIds);
  }

  @FieldResolver(() => [LineageNode], { description: "The things, nearest first." })
  nodes(@Root() lineage: Lineage, @Ctx() context: Context, @Info() info: GraphQLResolveInfo) {
    return withEntities(lineage, context, info);
  }
}

@Resolver(() => Version)
export class VersionLineageResolver {
  @FieldResolver(() => Lineage, { description: "Where it came from and what it feeds." })
  lineage(
    @Root() version: Version,
    @Args(() => LineageArgs) args: LineageArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const asOf = resolveAsOf(context.ports, version, args.asOf);
    return context.loaders.lineage(version.id, { ...questionOf(args), asOf, columns: requestedColumns(info) });
  }
}
