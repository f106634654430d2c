import "reflect-metadata";
import { Field, ID, InputType, InterfaceType, ObjectType } from "type-graphql";

@InterfaceType("Node", { description: "Anything with an id; `node(id)` finds it." })
export abstract class Node {
  @Field(() => ID, { description: "Random id, never reused." })
  id!: string;
  /** The time as of which nested fields answer; null for now. */
  asOf?: number | null;
}

@InputType({ description: "Input that names an object by its id." })
export class IdInput {
  @Field(() => ID, { description: "Id of the object." })
  id!: string;
}

@ObjectType({ description: "Result that names the object concerned." })
export class IdPayload {
  @Field(() => ID, { description: "Id of the object." })
  id!: string;
}
