import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { Kind, Status, VersionState } from "./enums.ts";
import { BigInteger, DateTime, Json } from "./scalars.ts";

@InputType({ description: "Compares text, case-sensitively. All given conditions must hold." })
export class StringFilter {
  @Field(() => String, { nullable: true, description: "Is equal to." })
  eq?: string | null;
  @Field(() => [String], { nullable: true, description: "Is one of." })
  in?: string[] | null;
  @Field(() => String, { nullable: true, description: "Contains this text." })
  contains?: string | null;
  @Field(() => String, { nullable: true, description: "Starts with this text." })
  startsWith?: string | null;
}

@InputType({ description: "Compares a whole number. All given conditions must hold." })
export class NumberFilter {
  @Field(() => BigInteger, { nullable: true, description: "Is equal to." })
  eq?: number | null;
  @Field(() => [BigInteger], { nullable: true, description: "Is one of." })
  in?: number[] | null;
  @Field(() => BigInteger, { nullable: true, description: "Is greater than." })
  gt?: number | null;
  @Field(() => BigInteger, { nullable: true, description: "Is greater than or equal to." })
  gte?: number | null;
  @Field(() => BigInteger, { nullable: true, description: "Is less than." })
  lt?: number | null;
  @Field(() => BigInteger, { nullable: true, description: "Is less than or equal to." })
  lte?: number | null;
}

@InputType({ description: "Compares a time. All given conditions must hold." })
export class TimeFilter {
  @Field(() => DateTime, { nullable: true, description: "Is exactly at." })
  eq?: number | null;
  @Field(() => DateTime, { nullable: true, description: "Is after." })
  gt?: number | null;
  @Field(() => DateTime, { nullable: true, description: "Is at or after." })
  gte?: number | null;
  @Field(() => DateTime, { nullable: true, description: "Is before." })
  lt?: number | null;
  @Field(() => DateTime, { nullable: true, description: "Is at or before." })
  lte?: number | null;
}

@InputType({ description: "Compares a kind. All given conditions must hold." })
export class KindFilter {
  @Field(() => Kind, { nullable: true, description: "Is equal to." })
  eq?: Kind | null;
  @Field(() => [Kind], { nullable: true, description: "Is one of." })
  in?: Kind[] | null;
}

@InputType({ description: "Compares a status. All given conditions must hold." })
export class StatusFilter {
  @Field(() => Status, { nullable: true, description: "Is equal to." })
  eq?: Status | null;
  @Field(() => [Status], { nullable: true, description: "Is one of." })
  in?: Status[] | null;
}

@InputType({ description: "Compares a version's state. All given conditions must hold." })
export class StateFilter {
  @Field(() => VersionState, { nullable: true, description: "Is equal to." })
  eq?: VersionState | null;
  @Field(() => [VersionState], { nullable: true, description: "Is one of." })
  in?: VersionState[] | null;
}

@InputType({ description: "Matches a label by key and value." })
export class LabelFilter {
  @Field(() => String, { description: "Key of the label." })
  key!: string;
  @Field(() => StringFilter, { nullable: true, description: "Condition on the value; omit to match any value." })
  value?: StringFilter | null;
}

@InputType({
  description:
    "Compares one value of a JSON object by its key. Numbers compare as numbers, text as text; a key that is missing or of the other type matches only `exists: false`.",
})
export class MetadataFilter {
  @Field(() => String, { description: "Dotted key of the value; write a dot inside a key as `\\.`." })
  key!: string;
  @Field(() => Json, { nullable: true, description: "Is equal to." })
  eq?: unknown;
  @Field(() => [Json], { nullable: true, description: "Is one of." })
  in?: unknown[] | null;
  @Field(() => Json, { nullable: true, description: "Is greater than." })
  gt?: unknown;
  @Field(() => Json, { nullable: true, description: "Is greater than or equal to." })
  gte?: unknown;
  @Field(() => Json, { nullable: true, description: "Is less than." })
  lt?: unknown;
  @Field(() => Json, { nullable: true, description: "Is less than or equal to." })
  lte?: unknown;
  @Field(() => String, {
    nullable: true,
    description: "Is text that contains this text; only the first 1,000 characters of the value are searched.",
  })
  contains?: string | null;
  @Field(() => Boolean, { nullable: true, description: "Whether the key exists." })
  exists?: boolean | null;
}

@InputType({ description: "Matches a run or step. All given conditions must hold." })
export class ExecutionFilter {
  @Field(() => StringFilter, { nullable: true, description: "Id, key or name of the run." })
  run?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Id or name of the step." })
  step?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Pipeline of the run." })
  pipeline?: StringFilter | null;
}

@InputType({
  description:
    "Selects versions; all given fields must match. Without a `state` condition anywhere in the filter, only READY versions match.",
})
export class VersionFilter {
  @Field(() => [VersionFilter], { nullable: true, description: "All of these filters match." })
  and?: VersionFilter[] | null;
  @Field(() => [VersionFilter], { nullable: true, description: "At least one of these filters matches." })
  or?: VersionFilter[] | null;
  @Field(() => VersionFilter, { nullable: true, description: "This filter does not match." })
  not?: VersionFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the project." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the artifact." })
  artifact?: StringFilter | null;
  @Field(() => KindFilter, { nullable: true, description: "Kind." })
  kind?: KindFilter | null;
  @Field(() => NumberFilter, { nullable: true, description: "Version number." })
  number?: NumberFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Version name." })
  versionName?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "At least one of its tags matches." })
  tag?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "At least one alias that points to it matches." })
  alias?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the stage it is in." })
  stage?: StringFilter | null;
  @Field(() => [LabelFilter], { nullable: true, description: "Its labels match all of these conditions." })
  labels?: LabelFilter[] | null;
  @Field(() => [MetadataFilter], { nullable: true, description: "Its metadata matches all of these conditions." })
  metadata?: MetadataFilter[] | null;
  @Field(() => ExecutionFilter, { nullable: true, description: "At least one run or step that produced it matches." })
  producedBy?: ExecutionFilter | null;
  @Field(() => ExecutionFilter, { nullable: true, description: "At least one run or step that read it matches." })
  consumedBy?: ExecutionFilter | null;
  @Field(() => Boolean, {
    nullable: true,
    description: "Whether it is the newest version of its artifact that has not been deleted.",
  })
  latest?: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether one of its inputs has a newer version, as `staleness` reports. Allowed only at the top of a filter with `project: { eq: ... }`, for projects of up to 100,000 versions.",
  })
  stale?: boolean | null;
  @Field(() => StateFilter, { nullable: true, description: "State: READY or DELETED." })
  state?: StateFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the actor who logged it." })
  author?: StringFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it was logged." })
  createdAt?: TimeFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it last changed." })
  updatedAt?: TimeFilter | null;
  @Field(() => NumberFilter, { nullable: true, description: "Total bytes of all files." })
  size?: NumberFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Digest, `sha256:<hex>`." })
  digest?: StringFilter | null;
  @Field(() => String, {
    nullable: true,
    description: "The artifact's name or the version's description contains this text, ignoring case.",
  })
  text?: string | null;
}

@InputType({ description: "Selects artifacts; all given fields must match." })
export class ArtifactFilter {
  @Field(() => [ArtifactFilter], { nullable: true, description: "All of these filters match." })
  and?: ArtifactFilter[] | null;
  @Field(() => [ArtifactFilter], { nullable: true, description: "At least one of these filters matches." })
  or?: ArtifactFilter[] | null;
  @Field(() => ArtifactFilter, { nullable: true, description: "This filter does not match." })
  not?: ArtifactFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the project." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the artifact." })
  name?: StringFilter | null;
  @Field(() => KindFilter, { nullable: true, description: "Kind." })
  kind?: KindFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "At least one of its tags matches." })
  tag?: StringFilter | null;
  @Field(() => String, {
    nullable: true,
    description: "Its name or description contains this text, ignoring case.",
  })
  text?: string | null;
  @Field(() => TimeFilter, { nullable: true, description: "When its first version was logged." })
  createdAt?: TimeFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it last changed." })
  updatedAt?: TimeFilter | null;
}

@InputType({ description: "Selects runs; all given fields must match." })
export class RunFilter {
  @Field(() => [RunFilter], { nullable: true, description: "All of these filters match." })
  and?: RunFilter[] | null;
  @Field(() => [RunFilter], { nullable: true, description: "At least one of these filters matches." })
  or?: RunFilter[] | null;
  @Field(() => RunFilter, { nullable: true, description: "This filter does not match." })
  not?: RunFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the project." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the pipeline." })
  pipeline?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the run." })
  name?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Idempotency key given by the caller." })
  key?: StringFilter | null;
  @Field(() => StatusFilter, { nullable: true, description: "Current status." })
  status?: StatusFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "At least one of its tags matches." })
  tag?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the actor who started or published it." })
  author?: StringFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it started running." })
  startedAt?: TimeFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it reached a final status." })
  endedAt?: TimeFilter | null;
  @Field(() => [MetadataFilter], { nullable: true, description: "Its parameters match all of these conditions." })
  parameters?: MetadataFilter[] | null;
  @Field(() => [MetadataFilter], {
    nullable: true,
    description: "The newest values of its metrics match all of these conditions.",
  })
  metrics?: MetadataFilter[] | null;
  @Field(() => [MetadataFilter], { nullable: true, description: "Its metadata matches all of these conditions." })
  metadata?: MetadataFilter[] | null;
  @Field(() => String, { nullable: true, description: "Its name contains this text, ignoring case." })
  text?: string | null;
}
