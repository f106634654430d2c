import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { Kind, VersionState } from "./enums.ts";
import { Node } from "./node.ts";
import { BigInteger, DateTime, Json } from "./scalars.ts";

/** A column of a table, or a field of a model's signature. */
@ObjectType({ description: "A column of a table, or a field of a model's signature." })
export class Column {
  @Field(() => String, { description: "Its name." })
  name!: string;
  @Field(() => String, { description: "Its type, in the words of whoever logged it." })
  type!: string;
}

/** What is known of a version that is a table. */
@ObjectType({ description: "What is known of a version that is a table." })
export class Dataset {
  @Field(() => [Column], { description: "Its columns in order." })
  columns!: Column[];
  @Field(() => BigInteger, { nullable: true, description: "How many rows." })
  rows!: number | null;
  @Field(() => Json, { nullable: true, description: "Statistics by column, as logged." })
  stats!: unknown;
  @Field(() => String, { nullable: true, description: "The column to predict." })
  labelColumn!: string | null;
  @Field(() => [String], { description: "The columns to predict it from." })
  features!: string[];
  @Field(() => Json, { nullable: true, description: "The first rows: at most 20, of at most 100 columns." })
  preview!: unknown;
}

/** What is known of a version that is a model. */
@ObjectType({ description: "What is known of a version that is a model." })
export class Model {
  @Field(() => String, { nullable: true, description: "What it was made with, such as sklearn." })
  framework!: string | null;
  @Field(() => String, { nullable: true, description: "Such as random forest." })
  algorithm!: string | null;
  @Field(() => Json, { nullable: true, description: "Its metrics by name." })
  metrics!: unknown;
  @Field(() => Json, { nullable: true, description: "Its parameters by name." })
  parameters!: unknown;
  @Field(() => [Column], { description: "The inputs of its signature." })
  inputs!: Column[];
  @Field(() => [Column], { description: "The outputs of its signature." })
  outputs!: Column[];
  @Field(() => Json, { nullable: true, description: "Ways to load it, by flavor." })
  flavors!: unknown;
  @Field(() => [String], { description: "Packages that it needs, such as `scikit-learn==1.5.0`." })
  requirements!: string[];
  @Field(() => Json, { nullable: true, description: "Statistics of its features, as logged." })
  featureStats!: unknown;
}

/** One immutable state of an artifact. */
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: "One immutable state of an artifact: its bytes never change.",
})
export class Version extends Node {
  projectName!: string;
  artifactKey!: string;
  artifactName!: string;
  @Field(() => String, {
    description: "`store://<kind>/<project>/<name>:<number>`; takes part wherever a version is asked for.",
  })
  uri!: string;
  @Field(() => Int, { description: "1, 2, 3 in its artifact; gapless, never used again." })
  number!: number;
  @Field(() => String, { nullable: true, description: "A name of its own beside the number, unique in the artifact." })
  versionName!: string | null;
  @Field(() => Kind, { description: "What it is." })
  kind!: Kind;
  @Field(() => VersionState, { description: "Whether it is there." })
  state!: VersionState;
  @Field(() => String, { nullable: true, description: "What it is, in words." })
  description!: string | null;
  @Field(() => Json, { description: "Metadata as logged, types that JSON lacks tagged." })
  metadata!: Record<string, unknown>;
  @Field(() => BigInteger, { nullable: true, description: "Bytes of all files together; null when unknown." })
  size!: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      "`sha256:<hex>` of the only file; with several that of the manifest: lines `path NUL digest LF`, sorted bytewise by UTF-8 path.",
  })
  digest!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Where the bytes stay, when they are not in the service's store.",
  })
  location!: string | null;
  etag!: string | null;
  bytesDeletedAt!: number | null;
  @Field(() => Json, { nullable: true, description: "Whatever else belongs to its kind." })
  attributes!: unknown;
  @Field(() => Dataset, { nullable: true, description: "What is known of it as a table." })
  dataset!: Dataset | null;
  @Field(() => Model, { nullable: true, description: "What is known of it as a model." })
  model!: Model | null;
  @Field(() => String, { description: "Who logged it." })
  author!: string;
  @Field(() => DateTime, {
    description: "When it was logged, by its artifact's clock: later numbers have later times.",
  })
  createdAt!: number;
  @Field(() => DateTime, { description: "When what can change of it last changed." })
  updatedAt!: number;
  @Field(() => Int, { nullable: true, description: "Which child of a hyper-parameter search made it." })
  iteration!: number | null;
}

/** One file of a version. */
@ObjectType({ description: "One file of a version." })
export class File {
  @Field(() => String, { description: "Its relative path, segments joined by `/`." })
  path!: string;
  @Field(() => String, { description: "`sha256:<hex>` of its bytes." })
  digest!: string;
  @Field(() => BigInteger, { description: "Bytes." })
  size!: number;
  @Field(() => String, { description: "Its media type, by the ending of its name." })
  contentType!: string;
  @Field(() => String, { description: "Where to read it: a path on this service." })
  url!: string;
  @Field(() => String, {
    nullable: true,
    description:
      "Where a browser may look into it, a path on this service: tables as JSON (columns, first rows, rowCount, truncated), texts, images, pages without scripts; null where its type can't be shown.",
  })
  previewUrl!: string | null;
}

/** A named link from a version to another. */
@ObjectType({ description: "A named link from a version to another." })
export class Link {
  @Field(() => String, { description: "What the other is to this one, such as `chart`." })
  rel!: string;
  @Field(() => Version, { description: "The other version." })
  version!: Version;
}

/** A label or another pair of texts. */
@ObjectType({ description: "A pair of texts." })
export class KeyValue {
  @Field(() => String, { description: "The key, once in its list." })
  key!: string;
  @Field(() => String, { description: "The value." })
  value!: string;
}

/** One leaf of the metadata. */
@ObjectType({ description: "One leaf of the metadata." })
export class MetadataEntry {
  @Field(() => String, { description: "Keys from the top joined by dots; a dot within a key is written `\\.`." })
  key!: string;
  @Field(() => String, {
    description: "STRING, INTEGER, FLOAT, BOOLEAN, LIST, OBJECT, NULL, URI, PATH, DTYPE, STORAGE_SIZE or DATETIME.",
  })
  type!: string;
  @Field(() => Json, { nullable: true, description: "The value, without its tag." })
  value!: unknown;
}

/** One page of versions. */
export const VersionConnection = connectionOf<Version>("Version", () => Version);

/** What a change of a version gives. */
@ObjectType({ description: "What logging gives." })
export class LogVersionPayload {
  @Field(() => Version, { description: "The new version, or the one that was there already." })
  version!: Version;
  @Field(() => Boolean, {
    description: "False when it was there already: same `key`, or `ifChanged` and nothing changed.",
  })
  created!: boolean;
}

/** The version as it is now. */
@ObjectType({ description: "The version as it is now." })
export class VersionPayload {
  @Field(() => Version, { description: "The version as it is now." })
  version!: Version;
}
