import "reflect-metadata";
import { Field, ID, InputType, InterfaceType, ObjectType } from "type-graphql";

/** A thing with an id of its own. */
@InterfaceType("Node", { description: "A thing with an id of its own; `node(id)` finds it." })
export abstract class Node {
  @Field(() => ID, { description: "Random, and never used again." })
  id!: string;
  /** The time that it is looked at from: whatever is asked of it further is answered as of then. Null for now. */
  asOf?: number | null;
}

/** One thing by its id. */
@InputType({ description: "One thing by its id." })
export class IdInput {
  @Field(() => ID, { description: "Its id." })
  id!: string;
}

/** What was there by this id. */
@ObjectType({ description: "What was there by this id." })
export class IdPayload {
  @Field(() => ID, { description: "The id." })
  id!: string;
}
