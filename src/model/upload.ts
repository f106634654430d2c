import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { registerEnum } from "./enums.ts";
import { Node } from "./node.ts";
import { BigInteger, DateTime } from "./scalars.ts";
import { KeyValue } from "./version.ts";

export const UploadState = registerEnum("UploadState", "State of an upload.", {
  OPEN: "Accepts parts.",
  VERIFYING: "The whole file is being read back to compute its digest.",
  COMPLETE: "Versions may use the digest.",
  FAILED: "Failed, as `error` explains; the bytes are dropped.",
});
export type UploadState = keyof typeof UploadState;

@ObjectType({ description: "One part of an upload." })
export class UploadPart {
  @Field(() => Int, { description: "Position of the part, from 1." })
  number!: number;
  @Field(() => BigInteger, {
    description: "Bytes of the part; all parts have the same size but the last, which may be smaller.",
  })
  size!: number;
  @Field(() => String, {
    description:
      "Where to PUT the bytes: an S3 link valid for 24 hours (query again for a fresh one), or a path on this service, starting with `/`. `completeUpload` needs the `ETag` of the response.",
  })
  url!: string;
  @Field(() => [KeyValue], { description: "HTTP headers to send with the PUT request." })
  headers!: KeyValue[];
  @Field(() => Boolean, { description: "Whether the part has been uploaded." })
  uploaded!: boolean;
  @Field(() => String, {
    nullable: true,
    description: "`ETag` of the uploaded part; null if it has not been uploaded.",
  })
  etag!: string | null;
}

@ObjectType({
  implements: Node,
  description: "The upload of a large file in parts. It can be resumed after an interruption.",
})
export class Upload extends Node {
  @Field(() => UploadState, { description: "Current state." })
  state!: UploadState;
  @Field(() => BigInteger, { description: "Bytes of the whole file." })
  size!: number;
  @Field(() => BigInteger, { description: "Bytes of every part but the last." })
  partSize!: number;
  @Field(() => String, {
    nullable: true,
    description:
      "`sha256:<hex>` of the whole file: the actual digest once COMPLETE, before that the expected one, or null if none was given.",
  })
  digest!: string | null;
  @Field(() => String, { nullable: true, description: "Why it failed; null otherwise." })
  error!: string | null;
  @Field(() => DateTime, { description: "When it is dropped unless it is complete by then." })
  expiresAt!: number;
  projectName!: string;
  actor!: string;
  /** The blob key that it is written to, and the store's id of the multipart write. */
  key!: string;
  writeId!: string;
}

@InputType({ description: "Input of `createUpload`." })
export class CreateUploadInput {
  @Field(() => String, { description: "Name of the project whose versions may use the file, created if missing." })
  project!: string;
  @Field(() => BigInteger, { description: "Bytes of the whole file, at least 1." })
  size!: number;
  @Field(() => String, {
    nullable: true,
    description: "Expected `sha256:<hex>` of the whole file, if known; the upload fails if it differs.",
  })
  digest?: string | null;
  @Field(() => BigInteger, {
    nullable: true,
    description:
      "Bytes of every part but the last: 5 MiB to 5 GiB, with at most 10,000 parts. Default: 64 MiB, or more if the file needs it.",
  })
  partSize?: number | null;
}

@InputType({ description: "A part that has been sent." })
export class CompletedPartInput {
  @Field(() => Int, { description: "Position of the part, from 1." })
  number!: number;
  @Field(() => String, { description: "`ETag` of the response to its PUT request." })
  etag!: string;
}

@InputType({ description: "Input of `completeUpload`." })
export class CompleteUploadInput {
  @Field(() => ID, { description: "Id of the upload." })
  id!: string;
  @Field(() => [CompletedPartInput], { description: "All parts of the upload, in order." })
  parts!: CompletedPartInput[];
}

@ObjectType({ description: "Result of a change to an upload." })
export class UploadPayload {
  @Field(() => Upload, { description: "The upload after the change." })
  upload!: Upload;
}
