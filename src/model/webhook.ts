import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { Event, EventType } from "./event.ts";
import { Node } from "./node.ts";
import { DateTime } from "./scalars.ts";

/** Somebody who is told of a project's events by HTTP. */
@ObjectType({
  implements: Node,
  description:
    "Somebody who is told of a project's events by HTTP, signed as Standard Webhooks does, in order, at least once.",
})
export class Webhook extends Node {
  @Field(() => String, { description: "Where events are POSTed." })
  url!: string;
  @Field(() => [EventType], { description: "What it is told of; empty for everything." })
  types!: EventType[];
  @Field(() => Boolean, {
    description: "Whether it is told; false when it was switched off, or failed for more than a day.",
  })
  enabled!: boolean;
  projectName!: string;
}

/** One event as a webhook was told of it. */
@ObjectType({ description: "One event as a webhook was told of it." })
export class Delivery {
  @Field(() => ID, { description: "Also its `webhook-id` header: the same each time that it is sent." })
  id!: string;
  @Field(() => Event, { description: "What is told." })
  event!: Event;
  @Field(() => Int, { description: "How often it was sent." })
  attempts!: number;
  @Field(() => Int, { nullable: true, description: "The status of the last answer; null when there was none." })
  status!: number | null;
  @Field(() => String, { nullable: true, description: "What went wrong the last time." })
  error!: string | null;
  @Field(() => DateTime, { nullable: true, description: "When it was received; null while it wasn't." })
  deliveredAt!: number | null;
  @Field(() => DateTime, { nullable: true, description: "When it is sent again; null when it isn't." })
  nextAttemptAt!: number | null;
}

/** One page of deliveries. */
export const DeliveryConnection = connectionOf<Delivery>("Delivery", () => Delivery);

/** A new webhook. */
@InputType({ description: "A new webhook, told of what happens from now on." })
export class CreateWebhookInput {
  @Field(() => String, { description: "The project." })
  project!: string;
  @Field(() => String, { description: "`https://` or `http://`, of a host that is public or that the service allows." })
  url!: string;
  @Field(() => [EventType], { nullable: true, description: "What it is told of; everything when left out." })
  types?: EventType[] | null;
  @Field(() => String, {
    nullable: true,
    description: "`whsec_` and 24 to 64 bytes in base64; made by the service when left out.",
  })
  secret?: string | null;
}

/** A change of a webhook. */
@InputType({ description: "A change of a webhook; what is left out stays." })
export class UpdateWebhookInput {
  @Field(() => ID, { description: "The webhook." })
  id!: string;
  @Field(() => String, { nullable: true, description: "Where events are POSTed." })
  url?: string | null;
  @Field(() => [EventType], { nullable: true, description: "What it is told of; empty for everything." })
  types?: EventType[] | null;
  @Field(() => Boolean, {
    nullable: true,
    description: "false switches it off; true on again, and it is told of what it missed.",
  })
  enabled?: boolean | null;
}

/** A new webhook with its secret. */
@ObjectType({ description: "A new webhook with its secret." })
export class CreateWebhookPayload {
  @Field(() => Webhook, { description: "The webhook." })
  webhook!: Webhook;
  @Field(() => String, { description: "What its events are signed with: shown once, here." })
  secret!: string;
}

/** The webhook as it is now. */
@ObjectType({ description: "The webhook as it is now." })
export class WebhookPayload {
  @Field(() => Webhook, { description: "The webhook as it is now." })
  webhook!: Webhook;
}
