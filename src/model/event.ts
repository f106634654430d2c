import "reflect-metadata";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { PageInfo } from "./connection.ts";
import { words } from "./enums.ts";
import { BigInteger, Cursor, DateTime } from "./scalars.ts";

/** What an event tells. */
export const EventType = words(
  "VERSION_LOGGED",
  "VERSION_UPDATED",
  "VERSION_DELETED",
  "ALIAS_MOVED",
  "VERSION_PROMOTED",
  "VERSION_DEMOTED",
  "RUN_STARTED",
  "RUN_UPDATED",
  "RUN_ENDED",
  "LINEAGE_RECORDED",
  "ARTIFACT_UPDATED",
  "PROJECT_UPDATED",
);
export type EventType = keyof typeof EventType;
registerEnumType(EventType, {
  name: "EventType",
  description: "What an event tells. RUN_* tell of steps too: `step` is set.",
});

/** One entry of the event log. */
@ObjectType({ description: "One entry of the event log." })
export class Event {
  @Field(() => Cursor, { description: "Where a reader stands who has seen this event: give it as `after`." })
  cursor!: string;
  @Field(() => BigInteger, { description: "1, 2, 3 in the log; gapless." })
  seq!: number;
  @Field(() => EventType, { description: "What happened." })
  type!: EventType;
  @Field(() => DateTime, { description: "When, by the clock of the thing it is about." })
  at!: number;
  @Field(() => String, { description: "Who did it." })
  actor!: string;
  @Field(() => String, { nullable: true, description: "The alias that moved." })
  alias!: string | null;
  @Field(() => String, { nullable: true, description: "The stage that it is about." })
  stage!: string | null;
  projectName!: string;
  artifactKey!: string | null;
  kind!: string | null;
  /** The version's number, of VERSION_LOGGED. */
  number!: number | null;
  tags!: string[];
  versionId!: string | null;
  previousId!: string | null;
  runId!: string | null;
  stepId!: string | null;
  promotionId!: string | null;
}

/** One event of a page, and where the reader stands who has seen it. */
@ObjectType({ description: "One event of a page, and where the reader stands who has seen it." })
export class EventEdge {
  @Field(() => Cursor, { description: "The event's own cursor." })
  cursor!: string;
  @Field(() => Event, { description: "The event itself." })
  node!: Event;
}

/** One page of the event log, read forward. */
@ObjectType({ description: "One page of the event log, read forward." })
export class EventConnection {
  @Field(() => [Event], { description: "The events of this page, oldest first." })
  nodes!: Event[];
  @Field(() => [EventEdge], { description: "The events of this page with their cursors." })
  edges!: EventEdge[];
  @Field(() => PageInfo, {
    description: "Where this page stands. `endCursor` is a Cursor: the next page, or a subscription, goes on after it.",
  })
  pageInfo!: PageInfo;
}
