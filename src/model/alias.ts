import "reflect-metadata";
import { Field, InputType, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { DateTime, VersionRef } from "./scalars.ts";

/** One move of an alias. */
@ObjectType({ description: "One move of an alias." })
export class AliasChange {
  @Field(() => String, { description: "The alias." })
  alias!: string;
  @Field(() => String, { description: "Who moved it." })
  actor!: string;
  @Field(() => DateTime, { description: "When." })
  at!: number;
  /** The time that its history is looked at from; null for now. */
  asOf?: number | null;
  fromId!: string | null;
  toId!: string | null;
}

/** One page of the history of aliases. */
export const AliasChangeConnection = connectionOf<AliasChange>("AliasChange", () => AliasChange);

/** An alias to point to a version. */
@InputType({ description: "An alias to point to a version." })
export class SetAliasInput {
  @Field(() => VersionRef, { description: "The version that shall hold it." })
  ref!: string;
  @Field(() => String, { description: "1 to 128 letters, digits, `.`, `_` and `-`; not digits alone, not `latest`." })
  alias!: string;
  @Field(() => VersionRef, {
    nullable: true,
    description: "Who must hold it now; null for nobody; left out, whoever does.",
  })
  expectedCurrent?: string | null;
}

/** An alias to take away. */
@InputType({ description: "An alias to take away." })
export class RemoveAliasInput {
  @Field(() => String, { description: "The project." })
  project!: string;
  @Field(() => String, { description: "The artifact." })
  name!: string;
  @Field(() => String, { description: "The alias." })
  alias!: string;
  @Field(() => VersionRef, { nullable: true, description: "Who must hold it now; left out, whoever does." })
  expectedCurrent?: string | null;
}
