import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { createConnectionType } from "./connection.ts";
import { Kind, VersionState } from "./enums.ts";
import { Node } from "./node.ts";
import { BigInteger, DateTime, Json } from "./scalars.ts";

@ObjectType({ description: "A column of a table, or a field of a model's signature." })
export class Column {
  @Field(() => String, { description: "Name of the column." })
  name!: string;
  @Field(() => String, { description: "Type of the column, as logged." })
  type!: string;
}

@ObjectType({ description: "Details of a version that is a table." })
export class Dataset {
  @Field(() => [Column], { description: "Columns, in order." })
  columns!: Column[];
  @Field(() => BigInteger, { nullable: true, description: "Number of rows; null if not given." })
  rows!: number | null;
  @Field(() => Json, { nullable: true, description: "Statistics by column, as logged; null if not given." })
  stats!: unknown;
  @Field(() => String, { nullable: true, description: "Name of the column to predict; null if not given." })
  labelColumn!: string | null;
  @Field(() => [String], { description: "Names of the columns used as features." })
  features!: string[];
  @Field(() => Json, {
    nullable: true,
    description: "First rows: at most 20, with at most 100 columns; null if not given.",
  })
  preview!: unknown;
}

@ObjectType({ description: "Details of a version that is a model." })
export class Model {
  @Field(() => String, { nullable: true, description: "Framework, such as `sklearn`; null if not given." })
  framework!: string | null;
  @Field(() => String, { nullable: true, description: "Algorithm, such as `random forest`; null if not given." })
  algorithm!: string | null;
  @Field(() => Json, { nullable: true, description: "Metrics by name; null if not given." })
  metrics!: unknown;
  @Field(() => Json, { nullable: true, description: "Parameters by name; null if not given." })
  parameters!: unknown;
  @Field(() => [Column], { description: "Inputs of the model's signature." })
  inputs!: Column[];
  @Field(() => [Column], { description: "Outputs of the model's signature." })
  outputs!: Column[];
  @Field(() => Json, {
    nullable: true,
    description: "Ways to load the model, by flavor, as logged; null if not given.",
  })
  flavors!: unknown;
  @Field(() => [String], { description: "Packages it needs, such as `scikit-learn==1.5.0`." })
  requirements!: string[];
  @Field(() => Json, { nullable: true, description: "Statistics of its features, as logged; null if not given." })
  featureStats!: unknown;
}

@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: "One immutable state of an artifact. Its bytes never change.",
})
export class Version extends Node {
  projectName!: string;
  artifactKey!: string;
  artifactName!: string;
  @Field(() => String, {
    description: "`store://<kind>/<project>/<name>:<number>`; accepted wherever a version is expected.",
  })
  uri!: string;
  @Field(() => Int, { description: "Number within the artifact: 1, 2, 3, ... without gaps, never reused." })
  number!: number;
  @Field(() => String, {
    nullable: true,
    description: "Optional name in addition to the number, unique within the artifact; null if not set.",
  })
  versionName!: string | null;
  @Field(() => Kind, { description: "Kind of the version." })
  kind!: Kind;
  @Field(() => VersionState, { description: "READY, or DELETED if only a tombstone is left." })
  state!: VersionState;
  @Field(() => String, { nullable: true, description: "Free text; null if not set." })
  description!: string | null;
  @Field(() => Json, {
    description:
      'Metadata as logged, as a JSON object. Types that JSON lacks are tagged, `{"$type": "DATETIME", "value": ...}`, and so are whole numbers beyond what JSON numbers hold to the digit: `{"$type": "INTEGER", "value": "9007199254740993"}`.',
  })
  metadata!: Record<string, unknown>;
  @Field(() => BigInteger, { nullable: true, description: "Total bytes of all files; null if unknown." })
  size!: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      "`sha256:<hex>` of the only file, or, for several files, of the manifest: lines `path NUL digest LF`, sorted bytewise by UTF-8 path. Null if unknown.",
  })
  digest!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "URL of bytes that are kept elsewhere, as given when it was logged; null for files in the store.",
  })
  location!: string | null;
  etag!: string | null;
  bytesDeletedAt!: number | null;
  @Field(() => Json, { nullable: true, description: "Other details of its kind, as logged; null if not given." })
  attributes!: unknown;
  @Field(() => Dataset, { nullable: true, description: "Details of a table; null if not given." })
  dataset!: Dataset | null;
  @Field(() => Model, { nullable: true, description: "Details of a model; null if not given." })
  model!: Model | null;
  @Field(() => String, { description: "Name of the actor who logged it." })
  author!: string;
  @Field(() => DateTime, {
    description: "When it was logged; a higher number always has a later time.",
  })
  createdAt!: number;
  @Field(() => DateTime, { description: "When it was last updated or deleted." })
  updatedAt!: number;
  @Field(() => Int, {
    nullable: true,
    description: "Index of the run within a hyperparameter search that produced it; null if none.",
  })
  iteration!: number | null;
}

@ObjectType({ description: "One file of a version." })
export class File {
  @Field(() => String, { description: "Relative path, with segments joined by `/`." })
  path!: string;
  @Field(() => String, { description: "`sha256:<hex>` of the bytes." })
  digest!: string;
  @Field(() => BigInteger, { description: "Number of bytes." })
  size!: number;
  @Field(() => String, { description: "Media type, derived from the file extension." })
  contentType!: string;
  @Field(() => String, { description: "Path on this service to the bytes." })
  url!: string;
  @Field(() => String, {
    nullable: true,
    description:
      "Path on this service to a preview that is safe to show in a browser: tables as JSON (columns, first rows, rowCount, truncated), text, images, and pages without scripts. Null if the type has no preview.",
  })
  previewUrl!: string | null;
}

@ObjectType({ description: "A named link from a version to another." })
export class Link {
  @Field(() => String, { description: "How the other version relates to this one, such as `chart`." })
  rel!: string;
  @Field(() => Version, { description: "The other version." })
  version!: Version;
}

@ObjectType({ description: "A key and a value, both text." })
export class KeyValue {
  @Field(() => String, { description: "The key, unique within its list." })
  key!: string;
  @Field(() => String, { description: "The value." })
  value!: string;
}

@ObjectType({ description: "One single value of the metadata." })
export class MetadataEntry {
  @Field(() => String, { description: "Dotted key of the value; a dot inside a key is written `\\.`." })
  key!: string;
  @Field(() => String, {
    description: "STRING, INTEGER, FLOAT, BOOLEAN, LIST, OBJECT, NULL, URI, PATH, DTYPE, STORAGE_SIZE or DATETIME.",
  })
  type!: string;
  @Field(() => Json, { nullable: true, description: "The value, without its type tag." })
  value!: unknown;
}

export const VersionConnection = createConnectionType<Version>("Version", () => Version);

@ObjectType({ description: "Result of `logVersion`." })
export class LogVersionPayload {
  @Field(() => Version, { description: "The new version, or the existing one if none was created." })
  version!: Version;
  @Field(() => Boolean, {
    description: "False if no version was created: the `key` was used before, or nothing changed with `ifChanged`.",
  })
  created!: boolean;
}

@ObjectType({ description: "Result of a change to a version." })
export class VersionPayload {
  @Field(() => Version, { description: "The version after the change." })
  version!: Version;
}
