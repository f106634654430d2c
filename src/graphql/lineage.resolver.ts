import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Info, Int, Query, Resolver, Root } from "type-graphql";
import { resolveAsOf } from "../domain/core/as-of.ts";
import { findLineage } from "../domain/lineage/find-lineage.ts";
import { Direction, Granularity } from "../model/enums.ts";
import { LineageFilter } from "../model/lineage.input.ts";
import { Lineage, LineageNode } from "../model/lineage.ts";
import { asOfDescription, DateTime, VersionRef } from "../model/scalars.ts";
import { Version } from "../model/version.ts";
import type { Context } from "./context.ts";
import { requestedColumns, withEntities } from "./lineage-entities.ts";
import { getFieldNames, getSelectedFields } from "./selection.ts";

@ArgsType()
class LineageArgs {
  @Field(() => Direction, {
    nullable: true,
    defaultValue: "BOTH",
    description: "Whether to walk upstream, downstream or both ways.",
  })
  direction?: Direction | null;
  @Field(() => Int, {
    nullable: true,
    description: "Number of runs and steps to cross, 0 to 10,000. Default: to the end.",
  })
  depth?: number | null;
  @Field(() => Granularity, { nullable: true, defaultValue: "EXECUTION", description: "What the nodes are." })
  granularity?: Granularity | null;
  @Field(() => LineageFilter, {
    nullable: true,
    description:
      "Nodes to show besides the roots. The others are hidden with their edges, but the walk continues through them. Versions are joined only across runs and steps that match.",
  })
  filter?: LineageFilter | null;
  @Field(() => LineageFilter, {
    nullable: true,
    description:
      "Nodes at which the walk stops; they are shown. It always continues past the roots, and past nodes to which no field of the filter applies.",
  })
  stopAt?: LineageFilter | null;
  @Field(() => Int, {
    nullable: true,
    defaultValue: 1000,
    description: "Number of nodes to show, nearest first, 1 to 10,000.",
  })
  limit?: number | null;
  @Field(() => DateTime, { nullable: true, description: asOfDescription })
  asOf?: number | null;
}

function toQuery({ direction, depth, granularity, filter, stopAt, limit, asOf }: LineageArgs) {
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
    description: "Where versions came from and what they feed; null, with an error, if a reference fails.",
  })
  lineage(
    @Arg("of", () => [VersionRef], { description: "1 to 100 versions to start from." }) of: string[],
    @Args(() => LineageArgs) args: LineageArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return findLineage(context, of, { ...toQuery(args), columns: requestedColumns(info) });
  }

  @FieldResolver(() => [Version], { description: "The versions that the lineage starts from." })
  roots(@Root() lineage: Lineage, @Ctx() { loaders }: Context, @Info() info: GraphQLResolveInfo) {
    return loaders
      .at(lineage)
      .entitiesWith(getFieldNames(getSelectedFields(info)))
      .loadMany(lineage.rootIds);
  }

  @FieldResolver(() => [LineageNode], { description: "Nodes, nearest first." })
  nodes(@Root() lineage: Lineage, @Ctx() context: Context, @Info() info: GraphQLResolveInfo) {
    return withEntities(lineage, context, info);
  }
}

@Resolver(() => Version)
export class VersionLineageResolver {
  @FieldResolver(() => Lineage, { description: "Where the version came from and what it feeds." })
  lineage(
    @Root() version: Version,
    @Args(() => LineageArgs) args: LineageArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const asOf = resolveAsOf(context.ports, version, args.asOf);
    return context.loaders.lineage(version.id, { ...toQuery(args), asOf, columns: requestedColumns(info) });
  }
}
