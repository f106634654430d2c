import "reflect-metadata";
import type { GraphQLInterfaceType, GraphQLObjectType } from "graphql";
import { ArgsType, type ClassType, Field, Int, ObjectType } from "type-graphql";

@ObjectType({ description: "Position of a page within its list." })
export class PageInfo {
  @Field(() => Boolean, { description: "Whether more items follow this page." })
  hasNextPage!: boolean;
  @Field(() => Boolean, { description: "Whether more items precede this page." })
  hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true, description: "Cursor of the first item; null if the page is empty." })
  startCursor!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Cursor of the last item; pass it as `after` to get the next page. Null if the page is empty.",
  })
  endCursor!: string | null;
}

/** The arguments of every paged field. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: "Number of items from the start, 0 to 500. Default: 50." })
  first?: number | null;
  @Field(() => String, { nullable: true, description: "Return only items after this cursor." })
  after?: string | null;
  @Field(() => Int, {
    nullable: true,
    description: "Number of items from the end, 0 to 500; cannot be combined with `first` or `after`.",
  })
  last?: number | null;
  @Field(() => String, {
    nullable: true,
    description: "Return only items before this cursor; cannot be combined with `first` or `after`.",
  })
  before?: string | null;
}

/** An item of a page and its opaque cursor. */
export interface Edge<T> {
  cursor: string;
  node: T;
}

/** One page of a list. `count` is called only when `totalCount` is selected. */
export interface Connection<T> {
  edges: Edge<T>[];
  pageInfo: PageInfo;
  count: () => Promise<number>;
}

type OutputType = ClassType<object> | GraphQLObjectType | GraphQLInterfaceType;

/** Creates the GraphQL types `<name>Connection` and `<name>Edge` for a type of item, and returns the former. */
export function createConnectionType<T extends object>(name: string, item: () => OutputType) {
  @ObjectType(`${name}Edge`, { description: `One item of ${name}Connection, with its cursor.` })
  class ItemEdge {
    @Field(() => String, { description: "Opaque position of the item; pass it as `after` or `before`." })
    cursor!: string;
    @Field(item, { description: "The item." })
    node!: T;
  }

  @ObjectType(`${name}Connection`, { description: `One page of a list whose items are of type ${name}.` })
  class ItemConnection implements Connection<T> {
    @Field(() => [ItemEdge], { description: "Items of this page, each with its cursor." })
    edges!: ItemEdge[];
    @Field(() => PageInfo, { description: "Whether there are more pages, and the cursors to get them." })
    pageInfo!: PageInfo;
    count!: () => Promise<number>;

    @Field(() => [item()], { description: "Items of this page." })
    nodes(): T[] {
      return this.edges.map((edge) => edge.node);
    }

    @Field(() => Int, { description: "Number of items on all pages; counted only when selected." })
    totalCount(): Promise<number> {
      return this.count();
    }
  }
  return ItemConnection;
}
