import "reflect-metadata";
import { Field, ID, InputType, Int } from "type-graphql";
import { Kind } from "./enums.ts";
import { BigInteger, Json, VersionRef } from "./scalars.ts";
import { TagsInput } from "./tags.ts";

@InputType({ description: "A label." })
export class LabelInput {
  @Field(() => String, { description: "Key, unique within the version: 1 to 1,024 characters." })
  key!: string;
  @Field(() => String, { description: "Value, up to 1,024 characters." })
  value!: string;
}

@InputType({ description: "A file whose bytes are already in the store." })
export class FileInput {
  @Field(() => String, { description: "Relative path, with segments joined by `/`: at most 1,024 bytes." })
  path!: string;
  @Field(() => String, { description: "`sha256:<hex>`, as returned by `PUT /blobs`." })
  digest!: string;
  @Field(() => BigInteger, { nullable: true, description: "Number of bytes; checked if given." })
  size?: number | null;
}

@InputType({ description: "A named link to another version." })
export class LinkInput {
  @Field(() => String, { description: "How the other version relates to this one, such as `chart`." })
  rel!: string;
  @Field(() => VersionRef, { description: "The other version." })
  version!: string;
}

@InputType({ description: "A column of a table, or a field of a model's signature." })
export class ColumnInput {
  @Field(() => String, { description: "Name of the column." })
  name!: string;
  @Field(() => String, { description: "Type of the column, in any notation." })
  type!: string;
}

@InputType({ description: "Details of a table." })
export class DatasetInput {
  @Field(() => [ColumnInput], { nullable: true, description: "Columns, in order." })
  columns?: ColumnInput[] | null;
  @Field(() => BigInteger, { nullable: true, description: "Number of rows." })
  rows?: number | null;
  @Field(() => Json, { nullable: true, description: "Statistics by column, as JSON." })
  stats?: unknown;
  @Field(() => String, { nullable: true, description: "Name of the column to predict." })
  labelColumn?: string | null;
  @Field(() => [String], { nullable: true, description: "Names of the columns used as features." })
  features?: string[] | null;
  @Field(() => Json, {
    nullable: true,
    description: "First rows as a JSON list: at most 20, with at most 100 columns.",
  })
  preview?: unknown;
}

@InputType({ description: "Details of a model." })
export class ModelInput {
  @Field(() => String, { nullable: true, description: "Framework, such as `sklearn`." })
  framework?: string | null;
  @Field(() => String, { nullable: true, description: "Algorithm, such as `random forest`." })
  algorithm?: string | null;
  @Field(() => Json, { nullable: true, description: "Metrics by name, as a JSON object." })
  metrics?: unknown;
  @Field(() => Json, { nullable: true, description: "Parameters by name, as a JSON object." })
  parameters?: unknown;
  @Field(() => [ColumnInput], { nullable: true, description: "Inputs of the model's signature." })
  inputs?: ColumnInput[] | null;
  @Field(() => [ColumnInput], { nullable: true, description: "Outputs of the model's signature." })
  outputs?: ColumnInput[] | null;
  @Field(() => Json, { nullable: true, description: "Ways to load the model, by flavor, as JSON." })
  flavors?: unknown;
  @Field(() => [String], { nullable: true, description: "Packages it needs, such as `scikit-learn==1.5.0`." })
  requirements?: string[] | null;
  @Field(() => Json, { nullable: true, description: "Statistics of its features, as JSON." })
  featureStats?: unknown;
}

@InputType({ description: "The run or step that produced a version. Give exactly one of `run` and `step`." })
export class ProducerInput {
  @Field(() => ID, { nullable: true, description: "Id of the run." })
  run?: string | null;
  @Field(() => ID, { nullable: true, description: "Id of the step." })
  step?: string | null;
  @Field(() => String, { nullable: true, description: "Name of its output." })
  slot?: string | null;
  @Field(() => String, { nullable: true, description: "Role of the version, such as `model` or `reference`." })
  role?: string | null;
}

/** Fields that describe a new version in every mutation that can log one. */
@InputType()
export abstract class VersionFields {
  @Field(() => String, {
    nullable: true,
    description:
      "Name in addition to the number, unique within the artifact: 1 to 128 letters, digits, `.`, `_` and `-`; not only digits, and not `latest`.",
  })
  versionName?: string | null;
  @Field(() => String, { nullable: true, description: "Free text, up to 65,536 characters." })
  description?: string | null;
  @Field(() => Json, {
    nullable: true,
    description:
      'JSON object, at most 256 KiB and 32 levels deep. Tag types that JSON lacks: `{"$type": "DATETIME", "value": ...}`. Whole numbers are kept to the digit.',
  })
  metadata?: unknown;
  @Field(() => [String], { nullable: true, description: "Tags for searching, each 1 to 1,024 characters." })
  tags?: string[] | null;
  @Field(() => [LabelInput], { nullable: true, description: "Labels for searching; keys must be unique." })
  labels?: LabelInput[] | null;
  @Field(() => [String], { nullable: true, description: "Aliases to move to this version." })
  aliases?: string[] | null;
  @Field(() => [FileInput], {
    nullable: true,
    description: "Files of the version; their bytes must already be in the store.",
  })
  files?: FileInput[] | null;
  @Field(() => String, {
    nullable: true,
    description:
      "URL of bytes that are kept elsewhere; `{{project}}` and `{{run.id}}` are replaced. Cannot be combined with `files`.",
  })
  location?: string | null;
  @Field(() => BigInteger, { nullable: true, description: "Number of bytes at `location`, if known." })
  size?: number | null;
  @Field(() => String, { nullable: true, description: "`sha256:<hex>` of the bytes at `location`, if known." })
  digest?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "`ETag` of the bytes at `location`, if known.",
  })
  etag?: string | null;
  @Field(() => Json, { nullable: true, description: "Other details of its kind, as JSON." })
  attributes?: unknown;
  @Field(() => DatasetInput, { nullable: true, description: "Details of a table." })
  dataset?: DatasetInput | null;
  @Field(() => ModelInput, { nullable: true, description: "Details of a model." })
  model?: ModelInput | null;
  @Field(() => [LinkInput], { nullable: true, description: "Links to other versions, such as a model's charts." })
  links?: LinkInput[] | null;
  @Field(() => Json, {
    nullable: true,
    description:
      "Values for placeholders in `name`, as a JSON object, in addition to `{date}`, `{time}`, `{run}`, `{pipeline}` and `{step}`.",
  })
  substitutions?: unknown;
  @Field(() => Int, {
    nullable: true,
    description: "Index of the run within a hyperparameter search that produced it.",
  })
  iteration?: number | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      "Return the latest version if it has the same content, instead of creating one; the producer and inputs are recorded either way. Default: false.",
  })
  ifChanged?: boolean | null;
}

@InputType({ description: "Input of `logVersion`." })
export class LogVersionInput extends VersionFields {
  @Field(() => String, { description: "Name of the project, created if missing." })
  project!: string;
  @Field(() => String, {
    nullable: true,
    description:
      "Name of the artifact, created if missing; may contain placeholders such as `{date}`. Default for outputs of a step: `{pipeline}::{step}::output`; required otherwise.",
  })
  name?: string | null;
  @Field(() => Kind, {
    nullable: true,
    description:
      "Kind of the artifact. Default: the artifact's kind; for a new artifact DATASET or MODEL with that block, DIRECTORY for several files, LINK for a location, otherwise ARTIFACT.",
  })
  kind?: Kind | null;
  @Field(() => ProducerInput, { nullable: true, description: "The run or step that produced it." })
  producer?: ProducerInput | null;
  @Field(() => [VersionRef], {
    nullable: true,
    description:
      "Versions that were read to make it, recorded as inputs of the producer. Without a producer, a COMPLETED run named after the artifact is recorded.",
  })
  inputs?: string[] | null;
  @Field(() => String, {
    nullable: true,
    description: "Idempotency key, unique within the project: repeating the call returns the first result.",
  })
  key?: string | null;
}

@InputType({ description: "Labels to set and to remove; labels with other keys stay." })
export class LabelsInput {
  @Field(() => [LabelInput], { nullable: true, description: "Labels to set." })
  set?: LabelInput[] | null;
  @Field(() => [String], { nullable: true, description: "Keys of the labels to remove." })
  remove?: string[] | null;
}

@InputType({ description: "Metadata to set and to remove; other keys stay." })
export class MetadataChangeInput {
  @Field(() => Json, {
    nullable: true,
    description: "Top-level keys to set, as a JSON object; each value is replaced as a whole.",
  })
  set?: unknown;
  @Field(() => [String], { nullable: true, description: "Dotted keys to remove." })
  remove?: string[] | null;
}

@InputType({ description: "Input of `updateVersion`. Omitted fields stay unchanged." })
export class UpdateVersionInput {
  @Field(() => VersionRef, { description: "The version to change." })
  ref!: string;
  @Field(() => String, { nullable: true, description: "New description, up to 65,536 characters; `null` clears it." })
  description?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Version name, which can be set only once; `IMMUTABLE` if the version has another one.",
  })
  versionName?: string | null;
  @Field(() => TagsInput, { nullable: true, description: "Tags to add and to remove." })
  tags?: TagsInput | null;
  @Field(() => LabelsInput, { nullable: true, description: "Labels to set and to remove." })
  labels?: LabelsInput | null;
  @Field(() => MetadataChangeInput, { nullable: true, description: "Metadata to set and to remove." })
  metadata?: MetadataChangeInput | null;
}
