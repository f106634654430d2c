import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { abortUpload } from "../domain/blobs/abort-upload.ts";
import { completeUpload } from "../domain/blobs/complete-upload.ts";
import { createUpload } from "../domain/blobs/create-upload.ts";
import { findUpload } from "../domain/blobs/find-upload.ts";
import { findUploadParts } from "../domain/blobs/find-upload-parts.ts";
import { IdInput, IdPayload } from "../model/node.ts";
import { CompleteUploadInput, CreateUploadInput, Upload, UploadPart, UploadPayload } from "../model/upload.ts";
import type { Context } from "./context.ts";

@Resolver(() => Upload)
export class UploadResolver {
  @Query(() => Upload, { nullable: true, description: "An upload by its id; null if there is none." })
  upload(@Arg("id", () => ID, { description: "Id of the upload." }) id: string, @Ctx() context: Context) {
    return findUpload(context, id);
  }

  @FieldResolver(() => [UploadPart], {
    description: "Parts in order, with where to send each; empty once the upload is no longer OPEN.",
  })
  parts(@Root() upload: Upload, @Ctx() context: Context) {
    return findUploadParts(context.ports, upload);
  }

  @Mutation(() => UploadPayload, {
    description: "Starts the upload of a large file in parts. It can be resumed for 7 days.",
  })
  createUpload(@Arg("input", () => CreateUploadInput) input: CreateUploadInput, @Ctx() context: Context) {
    return createUpload(context, input);
  }

  @Mutation(() => UploadPayload, {
    description:
      "Checks that all parts have been sent and reads the file back to verify it. Returns when the digest is known, or after 10 seconds with state VERIFYING: then query `upload(id)`.",
  })
  completeUpload(@Arg("input", () => CompleteUploadInput) input: CompleteUploadInput, @Ctx() context: Context) {
    return completeUpload(context, input);
  }

  @Mutation(() => IdPayload, { description: "Drops an upload that is not complete, with the parts that were sent." })
  abortUpload(@Arg("input", () => IdInput) input: IdInput, @Ctx() context: Context) {
    return abortUpload(context, input);
  }
}
