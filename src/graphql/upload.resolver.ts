import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { abortUpload } from "../domain/blobs/abort-upload.ts";
import { completeUpload } from "../domain/blobs/complete-upload.ts";
import { createUpload } from "../domain/blobs/create-upload.ts";
import { findUploadOrNull } from "../domain/blobs/find-upload.ts";
import { findUploadParts } from "../domain/blobs/find-upload-parts.ts";
import { IdInput, IdPayload } from "../model/node.ts";
import { CompleteUploadInput, CreateUploadInput, Upload, UploadPart, UploadPayload } from "../model/upload.ts";
import type { Context } from "./context.ts";

@Resolver(() => Upload)
export class UploadResolver {
  @Query(() => Upload, { nullable: true, description: "An upload by its id; null when there is none." })
  upload(@Arg("id", () => ID) id: string, @Ctx() context: Context) {
    return findUploadOrNull(context, id);
  }

  @FieldResolver(() => [UploadPart], {
    description: "Its parts by number, with where to send each; none once it is no longer OPEN.",
  })
  parts(@Root() upload: Upload, @Ctx() context: Context) {
    return findUploadParts(context.ports, upload);
  }

  @Mutation(() => UploadPayload, { description: "Begins an upload in parts, for large contents; it can be resumed." })
  createUpload(@Arg("input", () => CreateUploadInput) input: CreateUploadInput, @Ctx() context: Context) {
    return createUpload(context, input);
  }

  @Mutation(() => UploadPayload, {
    description:
      "Checks that every part is there and reads the whole back. Answers when its digest is known, or after 10 seconds with VERIFYING: then ask `upload(id)`.",
  })
  completeUpload(@Arg("input", () => CompleteUploadInput) input: CompleteUploadInput, @Ctx() context: Context) {
    return completeUpload(context, input);
  }

  @Mutation(() => IdPayload, { description: "Drops an upload that isn't complete, with all that was sent." })
  abortUpload(@Arg("input", () => IdInput) input: IdInput, @Ctx() context: Context) {
    return abortUpload(context, input);
  }
}
