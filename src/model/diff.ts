import "reflect-metadata";
import { Field, ObjectType } from "type-graphql";
import { Json } from "./scalars.ts";
import { Version } from "./version.ts";

@ObjectType({ description: "One key that differs between two versions." })
export class Change {
  @Field(() => String, {
    description: "A dotted metadata key, the name of a parameter or metric, a file path, or a column name.",
  })
  key!: string;
  @Field(() => Json, {
    nullable: true,
    description: "Left side: a value, a file's digest or a column's type; null if the key is missing there.",
  })
  left!: unknown;
  @Field(() => Json, {
    nullable: true,
    description: "Right side: a value, a file's digest or a column's type; null if the key is missing there.",
  })
  right!: unknown;
}

@ObjectType({ description: "Differences between two versions, by key." })
export class Changes {
  @Field(() => [Change], { description: "Keys that only the right side has." })
  added!: Change[];
  @Field(() => [Change], { description: "Keys that only the left side has." })
  removed!: Change[];
  @Field(() => [Change], { description: "Keys that both sides have with different values." })
  changed!: Change[];
}

@ObjectType({ description: "An artifact that is upstream of both sides in different versions." })
export class Moved {
  @Field(() => Version, { description: "The version upstream of the left side." })
  left!: Version;
  @Field(() => Version, { description: "The version upstream of the right side." })
  right!: Version;
}

@ObjectType({
  description:
    "Differences between the versions upstream of two versions. Excludes the two themselves and versions you may not read.",
})
export class LineageChanges {
  @Field(() => [Version], { description: "Versions upstream of the right side only." })
  entered!: Version[];
  @Field(() => [Version], { description: "Versions upstream of the left side only." })
  left!: Version[];
  @Field(() => [Moved], {
    description: "Artifacts upstream of both sides in different versions, paired newest with newest.",
  })
  moved!: Moved[];
}

@ObjectType({ description: "Differences between two versions, left against right." })
export class VersionDiff {
  leftId!: string;
  rightId!: string;
  @Field(() => Changes, { description: "Differences in metadata." })
  metadata!: Changes;
  @Field(() => Changes, {
    description:
      "Differences in parameters: those of each side's producer, overridden by those of its `model` block. With several producers, the first that completed counts.",
  })
  parameters!: Changes;
  @Field(() => Changes, { description: "Differences in metrics, taken from the same places as the parameters." })
  metrics!: Changes;
  @Field(() => Changes, { description: "Files that differ, by path; compared by digest." })
  files!: Changes;
  @Field(() => Changes, { description: "Columns of the datasets that differ, by name; compared by type." })
  schema!: Changes;
}
