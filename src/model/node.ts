import "reflect-metadata";
import { Field, ID, InterfaceType } from "type-graphql";

/** A thing with an id of its own. */
@InterfaceType("Node", { description: "A thing with an id of its own; `node(id)` finds it." })
export abstract class Node {
  @Field(() => ID, { description: "Random, and never used again." })
  id!: string;
  /** The time that it is looked at from: whatever is asked of it further is answered as of then. Null for now. */
  asOf?: number | null;
}
