import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { createWebhook } from "../domain/webhooks/create-webhook.ts";
import { deleteWebhook } from "../domain/webhooks/delete-webhook.ts";
import { listWebhooks } from "../domain/webhooks/list-webhooks.ts";
import { redeliver } from "../domain/webhooks/redeliver.ts";
import { deliveries } from "../domain/webhooks/send-delivery.ts";
import { updateWebhook } from "../domain/webhooks/update-webhook.ts";
import { PageArgs } from "../model/connection.ts";
import { IdInput, IdPayload } from "../model/node.ts";
import {
  CreateWebhookInput,
  CreateWebhookPayload,
  DeliveryConnection,
  UpdateWebhookInput,
  Webhook,
  WebhookPayload,
} from "../model/webhook.ts";
import type { Context } from "./context.ts";

@Resolver(() => Webhook)
export class WebhookResolver {
  @Query(() => [Webhook], { description: "The webhooks of a project, oldest first." })
  webhooks(
    @Arg("project", () => String, { description: "Name of the project." }) project: string,
    @Ctx() context: Context,
  ) {
    return listWebhooks(context, project);
  }

  @FieldResolver(() => DeliveryConnection, { description: "Deliveries of the last 30 days, newest first." })
  deliveries(@Root() webhook: Webhook, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.related(deliveries, webhook.id, page);
  }

  @Mutation(() => CreateWebhookPayload, { description: "Starts sending a project's events to a URL." })
  createWebhook(@Arg("input", () => CreateWebhookInput) input: CreateWebhookInput, @Ctx() context: Context) {
    return createWebhook(context, input);
  }

  @Mutation(() => WebhookPayload, { description: "Changes a webhook, or turns it on or off." })
  updateWebhook(@Arg("input", () => UpdateWebhookInput) input: UpdateWebhookInput, @Ctx() context: Context) {
    return updateWebhook(context, input);
  }

  @Mutation(() => IdPayload, { description: "Deletes a webhook and its deliveries." })
  deleteWebhook(@Arg("input", () => IdInput) input: IdInput, @Ctx() context: Context) {
    return deleteWebhook(context, input);
  }

  @Mutation(() => IdPayload, {
    description: "Sends a delivery again, even if it was received; the result is recorded in the delivery.",
  })
  redeliver(@Arg("input", () => IdInput) input: IdInput, @Ctx() context: Context) {
    return redeliver(context, input);
  }
}
