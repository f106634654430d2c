import "reflect-metadata";
import { Field, InputType, ObjectType } from "type-graphql";
import { createConnectionType } from "./connection.ts";
import { DateTime, VersionRef } from "./scalars.ts";

@ObjectType({ description: "One move of an alias." })
export class AliasChange {
  @Field(() => String, { description: "Name of the alias." })
  alias!: string;
  @Field(() => String, { description: "Name of the actor who moved it." })
  actor!: string;
  @Field(() => DateTime, { description: "When it moved." })
  at!: number;
  /** The time as of which nested fields answer; null for now. */
  asOf?: number | null;
  fromId!: string | null;
  toId!: string | null;
}

export const AliasChangeConnection = createConnectionType<AliasChange>("AliasChange", () => AliasChange);

@InputType({ description: "Input of `setAlias`." })
export class SetAliasInput {
  @Field(() => VersionRef, { description: "The version that the alias should point to." })
  ref!: string;
  @Field(() => String, {
    description: "Name of the alias: 1 to 128 letters, digits, `.`, `_` and `-`; not only digits, and not `latest`.",
  })
  alias!: string;
  @Field(() => VersionRef, {
    nullable: true,
    description:
      "Compare-and-set: the version expected to hold the alias now, by id or number, `null` for none; omit to skip the check.",
  })
  expectedCurrent?: string | null;
}

@InputType({ description: "Input of `removeAlias`." })
export class RemoveAliasInput {
  @Field(() => String, { description: "Name of the project." })
  project!: string;
  @Field(() => String, { description: "Name of the artifact." })
  name!: string;
  @Field(() => String, { description: "Name of the alias to remove." })
  alias!: string;
  @Field(() => VersionRef, {
    nullable: true,
    description:
      "Compare-and-set: the version expected to hold the alias now, by id or number; omit to skip the check.",
  })
  expectedCurrent?: string | null;
}
