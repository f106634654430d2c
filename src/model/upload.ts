import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { words } from "./enums.ts";
import { Node } from "./node.ts";
import { BigInteger, DateTime } from "./scalars.ts";
import { KeyValue } from "./version.ts";

/** Where an upload stands. */
export const UploadState = words("OPEN", "VERIFYING", "COMPLETE", "FAILED");
export type UploadState = keyof typeof UploadState;
registerEnumType(UploadState, {
  name: "UploadState",
  description:
    "OPEN: takes parts. VERIFYING: the whole is being read back. COMPLETE: versions may use its digest. FAILED: `error` says why; its bytes are gone.",
});

/** A part of an upload: where it goes, and whether it is there. */
@ObjectType({ description: "A part of an upload." })
export class UploadPart {
  @Field(() => Int, { description: "From 1, in the order of the bytes." })
  number!: number;
  @Field(() => BigInteger, { description: "Bytes; only the last part is smaller than the others." })
  size!: number;
  @Field(() => String, {
    description:
      "Where to PUT its bytes: straight to S3, for 24 hours (ask again for fresh ones), or, beginning with `/`, to this service. The answer's `ETag` is wanted by `completeUpload`.",
  })
  url!: string;
  @Field(() => [KeyValue], { description: "Headers to send along." })
  headers!: KeyValue[];
  @Field(() => Boolean, { description: "Whether it is there already." })
  uploaded!: boolean;
  @Field(() => String, { nullable: true, description: "What the store named its content, once it is there." })
  etag!: string | null;
}

/** A large content on its way in parts. */
@ObjectType({ implements: Node, description: "A large content on its way in parts; it goes on where it stopped." })
export class Upload extends Node {
  @Field(() => UploadState, { description: "Where it stands." })
  state!: UploadState;
  @Field(() => BigInteger, { description: "Bytes of the whole." })
  size!: number;
  @Field(() => BigInteger, { description: "Bytes of each part but the last." })
  partSize!: number;
  @Field(() => String, {
    nullable: true,
    description: "`sha256:<hex>` of the whole: what it must be, if that was said; once COMPLETE what it is.",
  })
  digest!: string | null;
  @Field(() => String, { nullable: true, description: "Why it failed." })
  error!: string | null;
  @Field(() => DateTime, { description: "When it is dropped unless it is complete by then." })
  expiresAt!: number;
  projectName!: string;
  actor!: string;
  /** Where in the store it is, and by which of the store's ids it is written. */
  key!: string;
  writeId!: string;
}

/** A new upload. */
@InputType({ description: "A new upload." })
export class CreateUploadInput {
  @Field(() => String, { description: "The project whose versions may use it; made when missing." })
  project!: string;
  @Field(() => BigInteger, { description: "Bytes of the whole; at least 1." })
  size!: number;
  @Field(() => String, {
    nullable: true,
    description: "`sha256:<hex>` that the whole must have, if it is known already.",
  })
  digest?: string | null;
  @Field(() => BigInteger, {
    nullable: true,
    description: "Bytes of each part: 5 MiB to 5 GiB, and at most 10,000 parts. 64 MiB or more when left out.",
  })
  partSize?: number | null;
}

/** A part that was sent. */
@InputType({ description: "A part that was sent." })
export class CompletedPartInput {
  @Field(() => Int, { description: "Its number." })
  number!: number;
  @Field(() => String, { description: "The `ETag` that its PUT was answered with." })
  etag!: string;
}

/** All parts of an upload were sent. */
@InputType({ description: "All parts of an upload were sent." })
export class CompleteUploadInput {
  @Field(() => ID, { description: "The upload." })
  id!: string;
  @Field(() => [CompletedPartInput], { description: "All its parts, by number." })
  parts!: CompletedPartInput[];
}

/** The upload as it is now. */
@ObjectType({ description: "The upload as it is now." })
export class UploadPayload {
  @Field(() => Upload, { description: "The upload as it is now." })
  upload!: Upload;
}
