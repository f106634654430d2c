import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { Kind, Status, VersionState } from "./enums.ts";
import { BigInteger, DateTime, Json } from "./scalars.ts";

/** Compares a text; all that is given must hold. */
@InputType({ description: "Compares a text; all that is given must hold." })
export class StringFilter {
  @Field(() => String, { nullable: true, description: "Equal to." })
  eq?: string | null;
  @Field(() => [String], { nullable: true, description: "One of." })
  in?: string[] | null;
  @Field(() => String, { nullable: true, description: "Holds this text." })
  contains?: string | null;
  @Field(() => String, { nullable: true, description: "Begins with this text." })
  startsWith?: string | null;
}

/** Compares a whole number; all that is given must hold. */
@InputType({ description: "Compares a whole number; all that is given must hold." })
export class NumberFilter {
  @Field(() => BigInteger, { nullable: true, description: "Equal to." })
  eq?: number | null;
  @Field(() => [BigInteger], { nullable: true, description: "One of." })
  in?: number[] | null;
  @Field(() => BigInteger, { nullable: true, description: "Greater than." })
  gt?: number | null;
  @Field(() => BigInteger, { nullable: true, description: "At least." })
  gte?: number | null;
  @Field(() => BigInteger, { nullable: true, description: "Less than." })
  lt?: number | null;
  @Field(() => BigInteger, { nullable: true, description: "At most." })
  lte?: number | null;
}

/** Compares a time; all that is given must hold. */
@InputType({ description: "Compares a time; all that is given must hold." })
export class TimeFilter {
  @Field(() => DateTime, { nullable: true, description: "At." })
  eq?: number | null;
  @Field(() => DateTime, { nullable: true, description: "After." })
  gt?: number | null;
  @Field(() => DateTime, { nullable: true, description: "At or after." })
  gte?: number | null;
  @Field(() => DateTime, { nullable: true, description: "Before." })
  lt?: number | null;
  @Field(() => DateTime, { nullable: true, description: "At or before." })
  lte?: number | null;
}

/** Compares a kind; all that is given must hold. */
@InputType({ description: "Compares a kind; all that is given must hold." })
export class KindFilter {
  @Field(() => Kind, { nullable: true, description: "Equal to." })
  eq?: Kind | null;
  @Field(() => [Kind], { nullable: true, description: "One of." })
  in?: Kind[] | null;
}

/** Compares a status; all that is given must hold. */
@InputType({ description: "Compares a status; all that is given must hold." })
export class StatusFilter {
  @Field(() => Status, { nullable: true, description: "Equal to." })
  eq?: Status | null;
  @Field(() => [Status], { nullable: true, description: "One of." })
  in?: Status[] | null;
}

/** Compares a state; all that is given must hold. */
@InputType({ description: "Compares a state; all that is given must hold." })
export class StateFilter {
  @Field(() => VersionState, { nullable: true, description: "Equal to." })
  eq?: VersionState | null;
  @Field(() => [VersionState], { nullable: true, description: "One of." })
  in?: VersionState[] | null;
}

/** A label by its key, and what its value must be. */
@InputType({ description: "A label by its key, and what its value must be." })
export class LabelFilter {
  @Field(() => String, { description: "The label's key." })
  key!: string;
  @Field(() => StringFilter, { nullable: true, description: "What its value must be; anything when left out." })
  value?: StringFilter | null;
}

/** A leaf of the metadata by its key; numbers compare as numbers, text as text. */
@InputType({
  description:
    "A leaf of the metadata by its key. Numbers compare as numbers, text as text; a key that is missing, or of the other kind, matches nothing but `exists: false`.",
})
export class MetadataFilter {
  @Field(() => String, { description: "Nested keys are joined by dots; a dot within a key is written `\\.`." })
  key!: string;
  @Field(() => Json, { nullable: true, description: "Equal to." })
  eq?: unknown;
  @Field(() => [Json], { nullable: true, description: "One of." })
  in?: unknown[] | null;
  @Field(() => Json, { nullable: true, description: "Greater than." })
  gt?: unknown;
  @Field(() => Json, { nullable: true, description: "At least." })
  gte?: unknown;
  @Field(() => Json, { nullable: true, description: "Less than." })
  lt?: unknown;
  @Field(() => Json, { nullable: true, description: "At most." })
  lte?: unknown;
  @Field(() => String, { nullable: true, description: "A text that holds this one." })
  contains?: string | null;
  @Field(() => Boolean, { nullable: true, description: "Whether the key is there." })
  exists?: boolean | null;
}

/** An execution by its run, its step or its pipeline. */
@InputType({ description: "An execution by its run, its step or its pipeline; all that is given must hold." })
export class ExecutionFilter {
  @Field(() => StringFilter, { nullable: true, description: "The run's id, key or name." })
  run?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The step's id or name." })
  step?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The pipeline of its run." })
  pipeline?: StringFilter | null;
}

/** Which versions; several fields are joined by AND. Without `state` anywhere only READY ones. */
@InputType({
  description: "Which versions; several fields are joined by AND. Without `state` anywhere only READY ones.",
})
export class VersionFilter {
  @Field(() => [VersionFilter], { nullable: true, description: "All of these hold." })
  and?: VersionFilter[] | null;
  @Field(() => [VersionFilter], { nullable: true, description: "One of these holds." })
  or?: VersionFilter[] | null;
  @Field(() => VersionFilter, { nullable: true, description: "This doesn't hold." })
  not?: VersionFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The project's name." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The artifact's name." })
  artifact?: StringFilter | null;
  @Field(() => KindFilter, { nullable: true, description: "The kind." })
  kind?: KindFilter | null;
  @Field(() => NumberFilter, { nullable: true, description: "The number." })
  number?: NumberFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The version name." })
  versionName?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "One of its tags." })
  tag?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "One of the aliases that point to it." })
  alias?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The stage that it is in." })
  stage?: StringFilter | null;
  @Field(() => [LabelFilter], { nullable: true, description: "All of these labels." })
  labels?: LabelFilter[] | null;
  @Field(() => [MetadataFilter], { nullable: true, description: "All of these hold of its metadata." })
  metadata?: MetadataFilter[] | null;
  @Field(() => ExecutionFilter, { nullable: true, description: "A run or step that made it." })
  producedBy?: ExecutionFilter | null;
  @Field(() => ExecutionFilter, { nullable: true, description: "A run or step that read it." })
  consumedBy?: ExecutionFilter | null;
  @Field(() => Boolean, { nullable: true, description: "Whether it is the newest of its artifact that is there." })
  latest?: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether what it was made from has newer versions, as `staleness` says. Only at the top of a filter that names one project by `eq`, of up to 100,000 versions.",
  })
  stale?: boolean | null;
  @Field(() => StateFilter, { nullable: true, description: "Whether it is there." })
  state?: StateFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Who logged it." })
  author?: StringFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it was logged." })
  createdAt?: TimeFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it last changed." })
  updatedAt?: TimeFilter | null;
  @Field(() => NumberFilter, { nullable: true, description: "Bytes." })
  size?: NumberFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Its digest." })
  digest?: StringFilter | null;
  @Field(() => String, {
    nullable: true,
    description: "Holds this text in name or description, upper and lower case alike.",
  })
  text?: string | null;
}

/** Which artifacts; several fields are joined by AND. */
@InputType({ description: "Which artifacts; several fields are joined by AND." })
export class ArtifactFilter {
  @Field(() => [ArtifactFilter], { nullable: true, description: "All of these hold." })
  and?: ArtifactFilter[] | null;
  @Field(() => [ArtifactFilter], { nullable: true, description: "One of these holds." })
  or?: ArtifactFilter[] | null;
  @Field(() => ArtifactFilter, { nullable: true, description: "This doesn't hold." })
  not?: ArtifactFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The project's name." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Its name." })
  name?: StringFilter | null;
  @Field(() => KindFilter, { nullable: true, description: "The kind." })
  kind?: KindFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "One of its tags." })
  tag?: StringFilter | null;
  @Field(() => String, {
    nullable: true,
    description: "Holds this text in name or description, upper and lower case alike.",
  })
  text?: string | null;
  @Field(() => TimeFilter, { nullable: true, description: "When its first version was logged." })
  createdAt?: TimeFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it last changed." })
  updatedAt?: TimeFilter | null;
}

/** Which runs; several fields are joined by AND. */
@InputType({ description: "Which runs; several fields are joined by AND." })
export class RunFilter {
  @Field(() => [RunFilter], { nullable: true, description: "All of these hold." })
  and?: RunFilter[] | null;
  @Field(() => [RunFilter], { nullable: true, description: "One of these holds." })
  or?: RunFilter[] | null;
  @Field(() => RunFilter, { nullable: true, description: "This doesn't hold." })
  not?: RunFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The project's name." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The pipeline." })
  pipeline?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Its name." })
  name?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The caller's key." })
  key?: StringFilter | null;
  @Field(() => StatusFilter, { nullable: true, description: "Where it stands." })
  status?: StatusFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "One of its tags." })
  tag?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Who started it." })
  author?: StringFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it began to run." })
  startedAt?: TimeFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it ended." })
  endedAt?: TimeFilter | null;
  @Field(() => [MetadataFilter], { nullable: true, description: "All of these hold of its parameters." })
  parameters?: MetadataFilter[] | null;
  @Field(() => [MetadataFilter], { nullable: true, description: "All of these hold of its metrics." })
  metrics?: MetadataFilter[] | null;
  @Field(() => [MetadataFilter], { nullable: true, description: "All of these hold of its metadata." })
  metadata?: MetadataFilter[] | null;
  @Field(() => String, { nullable: true, description: "Holds this text in its name, upper and lower case alike." })
  text?: string | null;
}
