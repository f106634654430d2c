import "reflect-metadata";
import { Field, ObjectType } from "type-graphql";
import { Json } from "./scalars.ts";
import { Version } from "./version.ts";

/** One key that isn't the same on both sides. */
@ObjectType({ description: "One key that isn't the same on both sides." })
export class Change {
  @Field(() => String, {
    description: "A key of nested JSON joined by dots, a parameter's or metric's name, a file's path, or a column.",
  })
  key!: string;
  @Field(() => Json, {
    nullable: true,
    description: "What it is on the left: a value, a file's digest, a column's type.",
  })
  left!: unknown;
  @Field(() => Json, { nullable: true, description: "What it is on the right." })
  right!: unknown;
}

/** What isn't the same on both sides. */
@ObjectType({ description: "What isn't the same on both sides, by key." })
export class Changes {
  @Field(() => [Change], { description: "Keys that only the right has." })
  added!: Change[];
  @Field(() => [Change], { description: "Keys that only the left has." })
  removed!: Change[];
  @Field(() => [Change], { description: "Keys that both have, with different values." })
  changed!: Change[];
}

/** An artifact of which each side has another version upstream. */
@ObjectType({ description: "An artifact of which each side has another version upstream." })
export class Moved {
  @Field(() => Version, { description: "The version upstream of the left." })
  left!: Version;
  @Field(() => Version, { description: "The version upstream of the right." })
  right!: Version;
}

/** How what lies upstream of two versions differs. */
@ObjectType({
  description:
    "How what lies upstream of two versions differs; they themselves, and what you may not read, are left out.",
})
export class LineageChanges {
  @Field(() => [Version], { description: "Upstream of the right alone." })
  entered!: Version[];
  @Field(() => [Version], { description: "Upstream of the left alone." })
  left!: Version[];
  @Field(() => [Moved], {
    description: "What left together with what entered in its stead: of one artifact, the newest first.",
  })
  moved!: Moved[];
}

/** How two versions differ. */
@ObjectType({ description: "How two versions differ, left against right." })
export class VersionDiff {
  leftId!: string;
  rightId!: string;
  @Field(() => Changes, { description: "Their metadata." })
  metadata!: Changes;
  @Field(() => Changes, {
    description:
      "Parameters of each side's producer and, before those, of its model block; of several producers the first that completed.",
  })
  parameters!: Changes;
  @Field(() => Changes, { description: "Metrics, from the same." })
  metrics!: Changes;
  @Field(() => Changes, { description: "Files by path, told apart by their digests." })
  files!: Changes;
  @Field(() => Changes, { description: "Columns of the tables by name, told apart by their types." })
  schema!: Changes;
}
