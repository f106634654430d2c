import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { registerEnum } from "./enums.ts";

export const SortDirection = registerEnum("SortDirection", "Sort direction.", {
  ASC: "Smallest, earliest or alphabetically first item first.",
  DESC: "Largest, latest or alphabetically last item first.",
});
export type SortDirection = keyof typeof SortDirection;

export const VersionOrderField = registerEnum("VersionOrderField", "What to sort versions by.", {
  CREATED_AT: "When they were logged.",
  UPDATED_AT: "When they last changed.",
  NUMBER: "Version number.",
  NAME: "Name of the artifact.",
  SIZE: "Total bytes of all files.",
  METADATA: "The metadata value with the given `key`; numbers come before text.",
});
export type VersionOrderField = keyof typeof VersionOrderField;

export const ArtifactOrderField = registerEnum("ArtifactOrderField", "What to sort artifacts by.", {
  CREATED_AT: "When their first version was logged.",
  UPDATED_AT: "When they last changed.",
  NAME: "Name of the artifact.",
});
export type ArtifactOrderField = keyof typeof ArtifactOrderField;

export const RunOrderField = registerEnum("RunOrderField", "What to sort runs by.", {
  CREATED_AT: "When they were recorded.",
  STARTED_AT: "When they started running.",
  ENDED_AT: "When they reached a final status.",
  NAME: "Name of the run.",
  STATUS: "Name of the status.",
  METADATA: "The metadata value with the given `key`; numbers come before text.",
  PARAMETER: "The parameter with the given `key`; numbers come before text.",
  METRIC: "The newest value of the metric with the given `key`.",
});
export type RunOrderField = keyof typeof RunOrderField;

@InputType({
  description: "One term of the sort order of versions. Versions without the value come last in both directions.",
})
export class VersionOrder {
  @Field(() => VersionOrderField, { description: "What to sort by." })
  field!: VersionOrderField;
  @Field(() => SortDirection, { nullable: true, defaultValue: "DESC", description: "Sort direction." })
  direction?: SortDirection | null;
  @Field(() => String, {
    nullable: true,
    description: "Dotted key of the value; required with METADATA, not allowed otherwise.",
  })
  key?: string | null;
}

@InputType({ description: "One term of the sort order of artifacts." })
export class ArtifactOrder {
  @Field(() => ArtifactOrderField, { description: "What to sort by." })
  field!: ArtifactOrderField;
  @Field(() => SortDirection, { nullable: true, defaultValue: "DESC", description: "Sort direction." })
  direction?: SortDirection | null;
}

@InputType({ description: "One term of the sort order of runs. Runs without the value come last in both directions." })
export class RunOrder {
  @Field(() => RunOrderField, { description: "What to sort by." })
  field!: RunOrderField;
  @Field(() => SortDirection, { nullable: true, defaultValue: "DESC", description: "Sort direction." })
  direction?: SortDirection | null;
  @Field(() => String, {
    nullable: true,
    description: "Dotted key of the value; required with METADATA, PARAMETER and METRIC, not allowed otherwise.",
  })
  key?: string | null;
}
