import "reflect-metadata";
import { Field, InputType, registerEnumType } from "type-graphql";
import { words } from "./enums.ts";

/** Which way a list is ordered. */
export const SortDirection = words("ASC", "DESC");
export type SortDirection = keyof typeof SortDirection;
registerEnumType(SortDirection, { name: "SortDirection", description: "Which way a list is ordered." });

/** What versions can be ordered by. */
export const VersionOrderField = words("CREATED_AT", "UPDATED_AT", "NUMBER", "NAME", "SIZE", "METADATA");
export type VersionOrderField = keyof typeof VersionOrderField;
registerEnumType(VersionOrderField, { name: "VersionOrderField", description: "What versions can be ordered by." });

/** What artifacts can be ordered by. */
export const ArtifactOrderField = words("CREATED_AT", "UPDATED_AT", "NAME");
export type ArtifactOrderField = keyof typeof ArtifactOrderField;
registerEnumType(ArtifactOrderField, { name: "ArtifactOrderField", description: "What artifacts can be ordered by." });

/** What runs can be ordered by. */
export const RunOrderField = words(
  "CREATED_AT",
  "STARTED_AT",
  "ENDED_AT",
  "NAME",
  "STATUS",
  "METADATA",
  "PARAMETER",
  "METRIC",
);
export type RunOrderField = keyof typeof RunOrderField;
registerEnumType(RunOrderField, { name: "RunOrderField", description: "What runs can be ordered by." });

/** One term of the order of versions. */
@InputType({ description: "One term of the order of versions; those that lack the value come last either way." })
export class VersionOrder {
  @Field(() => VersionOrderField, { description: "What to order by." })
  field!: VersionOrderField;
  @Field(() => SortDirection, { nullable: true, defaultValue: "DESC", description: "Which way." })
  direction?: SortDirection | null;
  @Field(() => String, { nullable: true, description: "With METADATA: the key, nested keys joined by dots." })
  key?: string | null;
}

/** One term of the order of artifacts. */
@InputType({ description: "One term of the order of artifacts." })
export class ArtifactOrder {
  @Field(() => ArtifactOrderField, { description: "What to order by." })
  field!: ArtifactOrderField;
  @Field(() => SortDirection, { nullable: true, defaultValue: "DESC", description: "Which way." })
  direction?: SortDirection | null;
}

/** One term of the order of runs. */
@InputType({ description: "One term of the order of runs; those that lack the value come last either way." })
export class RunOrder {
  @Field(() => RunOrderField, { description: "What to order by." })
  field!: RunOrderField;
  @Field(() => SortDirection, { nullable: true, defaultValue: "DESC", description: "Which way." })
  direction?: SortDirection | null;
  @Field(() => String, {
    nullable: true,
    description: "With METADATA, PARAMETER or METRIC: the key, nested keys joined by dots.",
  })
  key?: string | null;
}
