import "reflect-metadata";
import { Field, ID, InputType, Int } from "type-graphql";
import { Kind } from "./enums.ts";
import { BigInteger, Json, VersionRef } from "./scalars.ts";
import { TagsInput } from "./tags.ts";

/** A label. */
@InputType({ description: "A label." })
export class LabelInput {
  @Field(() => String, { description: "The key." })
  key!: string;
  @Field(() => String, { description: "The value." })
  value!: string;
}

/** A file whose bytes are in the store. */
@InputType({ description: "A file whose bytes are in the store." })
export class FileInput {
  @Field(() => String, { description: "Its relative path, segments joined by `/`; at most 1,024 bytes." })
  path!: string;
  @Field(() => String, { description: "`sha256:<hex>`, as `PUT /blobs` answered." })
  digest!: string;
  @Field(() => BigInteger, { nullable: true, description: "Bytes; checked when given." })
  size?: number | null;
}

/** A named link to another version. */
@InputType({ description: "A named link to another version." })
export class LinkInput {
  @Field(() => String, { description: "What the other is to this one, such as `chart`." })
  rel!: string;
  @Field(() => VersionRef, { description: "The other version." })
  version!: string;
}

/** A column of a table, or a field of a signature. */
@InputType({ description: "A column of a table, or a field of a signature." })
export class ColumnInput {
  @Field(() => String, { description: "Its name." })
  name!: string;
  @Field(() => String, { description: "Its type." })
  type!: string;
}

/** What is known of a table. */
@InputType({ description: "What is known of a table." })
export class DatasetInput {
  @Field(() => [ColumnInput], { nullable: true, description: "Its columns in order." })
  columns?: ColumnInput[] | null;
  @Field(() => BigInteger, { nullable: true, description: "How many rows." })
  rows?: number | null;
  @Field(() => Json, { nullable: true, description: "Statistics by column." })
  stats?: unknown;
  @Field(() => String, { nullable: true, description: "The column to predict." })
  labelColumn?: string | null;
  @Field(() => [String], { nullable: true, description: "The columns to predict it from." })
  features?: string[] | null;
  @Field(() => Json, { nullable: true, description: "The first rows: at most 20, of at most 100 columns." })
  preview?: unknown;
}

/** What is known of a model. */
@InputType({ description: "What is known of a model." })
export class ModelInput {
  @Field(() => String, { nullable: true, description: "What it was made with." })
  framework?: string | null;
  @Field(() => String, { nullable: true, description: "Such as random forest." })
  algorithm?: string | null;
  @Field(() => Json, { nullable: true, description: "Its metrics by name." })
  metrics?: unknown;
  @Field(() => Json, { nullable: true, description: "Its parameters by name." })
  parameters?: unknown;
  @Field(() => [ColumnInput], { nullable: true, description: "The inputs of its signature." })
  inputs?: ColumnInput[] | null;
  @Field(() => [ColumnInput], { nullable: true, description: "The outputs of its signature." })
  outputs?: ColumnInput[] | null;
  @Field(() => Json, { nullable: true, description: "Ways to load it, by flavor." })
  flavors?: unknown;
  @Field(() => [String], { nullable: true, description: "Packages that it needs." })
  requirements?: string[] | null;
  @Field(() => Json, { nullable: true, description: "Statistics of its features." })
  featureStats?: unknown;
}

/** What made a version: a run or a step, one of them. */
@InputType({ description: "What made a version: a run or a step, one of them." })
export class ProducerInput {
  @Field(() => ID, { nullable: true, description: "The run." })
  run?: string | null;
  @Field(() => ID, { nullable: true, description: "The step." })
  step?: string | null;
  @Field(() => String, { nullable: true, description: "The name of its output." })
  slot?: string | null;
  @Field(() => String, { nullable: true, description: "What the version is to it." })
  role?: string | null;
}

/** What describes a new version, wherever one is logged. */
@InputType()
export abstract class VersionFields {
  @Field(() => String, { nullable: true, description: "A name of its own beside the number, unique in the artifact." })
  versionName?: string | null;
  @Field(() => String, { nullable: true, description: "What it is, in words." })
  description?: string | null;
  @Field(() => Json, {
    nullable: true,
    description: "A JSON object, at most 256 KiB and 32 levels deep; types that JSON lacks are tagged.",
  })
  metadata?: unknown;
  @Field(() => [String], { nullable: true, description: "Free words." })
  tags?: string[] | null;
  @Field(() => [LabelInput], { nullable: true, description: "Pairs of texts, each key once." })
  labels?: LabelInput[] | null;
  @Field(() => [String], { nullable: true, description: "Aliases that this version shall hold from now on." })
  aliases?: string[] | null;
  @Field(() => [FileInput], { nullable: true, description: "What it consists of; the bytes are in the store already." })
  files?: FileInput[] | null;
  @Field(() => String, { nullable: true, description: "For bytes that stay elsewhere: where." })
  location?: string | null;
  @Field(() => BigInteger, { nullable: true, description: "For bytes that stay elsewhere: how many." })
  size?: number | null;
  @Field(() => String, { nullable: true, description: "For bytes that stay elsewhere: their `sha256:<hex>`." })
  digest?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "For bytes that stay elsewhere: what their store calls this state of them.",
  })
  etag?: string | null;
  @Field(() => Json, { nullable: true, description: "Whatever else belongs to its kind." })
  attributes?: unknown;
  @Field(() => DatasetInput, { nullable: true, description: "What is known of it as a table." })
  dataset?: DatasetInput | null;
  @Field(() => ModelInput, { nullable: true, description: "What is known of it as a model." })
  model?: ModelInput | null;
  @Field(() => [LinkInput], { nullable: true, description: "Other versions that belong to it." })
  links?: LinkInput[] | null;
  @Field(() => Json, { nullable: true, description: "Values for placeholders in `name`, by name." })
  substitutions?: unknown;
  @Field(() => Int, { nullable: true, description: "Which child of a hyper-parameter search made it." })
  iteration?: number | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      "When the content equals that of the latest version, give that one back; its new producer and inputs are recorded all the same.",
  })
  ifChanged?: boolean | null;
}

/** A new version. */
@InputType({ description: "A new version." })
export class LogVersionInput extends VersionFields {
  @Field(() => String, { description: "Created when missing." })
  project!: string;
  @Field(() => String, {
    nullable: true,
    description: "The artifact, created when missing; may hold placeholders. Left out only for outputs of steps.",
  })
  name?: string | null;
  @Field(() => Kind, { nullable: true, description: "What it is; by what is logged when left out." })
  kind?: Kind | null;
  @Field(() => ProducerInput, { nullable: true, description: "What made it." })
  producer?: ProducerInput | null;
  @Field(() => [VersionRef], {
    nullable: true,
    description:
      "What was read to make it: the producer's inputs. Without a producer a COMPLETED run named after the artifact is recorded.",
  })
  inputs?: string[] | null;
  @Field(() => String, { nullable: true, description: "Makes the call idempotent in the project." })
  key?: string | null;
}

/** Labels to set and to remove; those of other keys stay. */
@InputType({ description: "Labels to set and to remove; those of other keys stay." })
export class LabelsInput {
  @Field(() => [LabelInput], { nullable: true, description: "To set." })
  set?: LabelInput[] | null;
  @Field(() => [String], { nullable: true, description: "Keys to remove." })
  remove?: string[] | null;
}

/** Metadata to set and to remove; other keys stay. */
@InputType({ description: "Metadata to set and to remove; other keys stay." })
export class MetadataChangeInput {
  @Field(() => Json, { nullable: true, description: "Keys of the top level, each set whole." })
  set?: unknown;
  @Field(() => [String], { nullable: true, description: "Keys to remove, nested ones joined by dots." })
  remove?: string[] | null;
}

/** A change of a version. */
@InputType({ description: "A change of a version; what is left out stays." })
export class UpdateVersionInput {
  @Field(() => VersionRef, { description: "The version." })
  ref!: string;
  @Field(() => String, { nullable: true, description: "What it is, in words; null takes it away." })
  description?: string | null;
  @Field(() => String, { nullable: true, description: "May be set once, while there is none." })
  versionName?: string | null;
  @Field(() => TagsInput, { nullable: true, description: "Tags to add and to remove." })
  tags?: TagsInput | null;
  @Field(() => LabelsInput, { nullable: true, description: "Labels to set and to remove." })
  labels?: LabelsInput | null;
  @Field(() => MetadataChangeInput, { nullable: true, description: "Metadata to set and to remove." })
  metadata?: MetadataChangeInput | null;
}
