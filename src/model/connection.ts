import "reflect-metadata";
import type { GraphQLInterfaceType, GraphQLObjectType } from "graphql";
import { ArgsType, type ClassType, Field, Int, ObjectType } from "type-graphql";

/** Where a page stands among its neighbours. */
@ObjectType({ description: "Where a page stands among its neighbours." })
export class PageInfo {
  @Field(() => Boolean, { description: "There are items after this page." })
  hasNextPage!: boolean;
  @Field(() => Boolean, { description: "There are items before this page." })
  hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true, description: "The first item's cursor." })
  startCursor!: string | null;
  @Field(() => String, { nullable: true, description: "The last item's cursor: give it as `after` for the next page." })
  endCursor!: string | null;
}

/** Which page of a connection is asked for. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: "The first so many: 50 when left out, 500 at most." })
  first?: number | null;
  @Field(() => String, { nullable: true, description: "Only what comes after this cursor." })
  after?: string | null;
  @Field(() => Int, { nullable: true, description: "The last so many, 500 at most." })
  last?: number | null;
  @Field(() => String, { nullable: true, description: "Only what comes before this cursor." })
  before?: string | null;
}

/** One item of a connection, and where it stands. */
export interface Edge<T> {
  cursor: string;
  node: T;
}

/** One page of a list. `count` is only called when `totalCount` is asked for. */
export interface Connection<T> {
  edges: Edge<T>[];
  pageInfo: PageInfo;
  count: () => Promise<number>;
}

type OutputType = ClassType<object> | GraphQLObjectType | GraphQLInterfaceType;

/** The GraphQL types `<name>Edge` and `<name>Connection` over a type of item. */
export function connectionOf<T extends object>(name: string, item: () => OutputType) {
  @ObjectType(`${name}Edge`, { description: `One of a list of ${name}, and where it stands.` })
  class ItemEdge {
    @Field(() => String, { description: "Opaque; give it as `after` or `before`." })
    cursor!: string;
    @Field(item, { description: "The item itself." })
    node!: T;
  }

  @ObjectType(`${name}Connection`, { description: `One page of a list of ${name}.` })
  class ItemConnection implements Connection<T> {
    @Field(() => [ItemEdge], { description: "The items of this page with their cursors." })
    edges!: ItemEdge[];
    @Field(() => PageInfo, { description: "Where this page stands." })
    pageInfo!: PageInfo;
    count!: () => Promise<number>;

    @Field(() => [item()], { description: "The items of this page." })
    nodes(): T[] {
      return this.edges.map((edge) => edge.node);
    }

    @Field(() => Int, { description: "How many there are on all pages; counted only when asked for." })
    totalCount(): Promise<number> {
      return this.count();
    }
  }
  return ItemConnection;
}
