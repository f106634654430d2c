import "reflect-metadata";
import { Field, InputType } from "type-graphql";

@InputType({ description: "Tags to add and to remove; other tags stay." })
export class TagsInput {
  @Field(() => [String], { nullable: true, description: "Tags to add, each 1 to 1,024 characters." })
  add?: string[] | null;
  @Field(() => [String], { nullable: true, description: "Tags to remove." })
  remove?: string[] | null;
}
