import "reflect-metadata";
import { Field, InputType } from "type-graphql";

/** Tags to add and to remove; those of other writers stay. */
@InputType({ description: "Tags to add and to remove; those of other writers stay." })
export class TagsInput {
  @Field(() => [String], { nullable: true, description: "To add." })
  add?: string[] | null;
  @Field(() => [String], { nullable: true, description: "To remove." })
  remove?: string[] | null;
}
