import "reflect-metadata";
import { Field, ObjectType } from "type-graphql";
import { PageInfo } from "./connection.ts";
import { registerEnum } from "./enums.ts";
import { BigInteger, Cursor, DateTime } from "./scalars.ts";
import { StageChange } from "./stage.ts";

export const EventType = registerEnum("EventType", "What happened. RUN_* events are also written for steps.", {
  VERSION_LOGGED: "A version was logged.",
  VERSION_UPDATED: "A version was changed or approved.",
  VERSION_DELETED: "A version was deleted, or only its bytes.",
  ALIAS_MOVED: "An alias was moved or removed; when removed, `version` is null.",
  VERSION_PROMOTED: "A version entered a stage by promotion or rollback.",
  VERSION_DEMOTED:
    "A version left a stage because it was demoted, deleted or moved out by a version that was itself displaced. Direct displacement is `previous` of VERSION_PROMOTED.",
  RUN_STARTED: "A run or step was started.",
  RUN_UPDATED: "A run or step changed; heartbeats and metrics write no event.",
  RUN_ENDED: "A run or step reached a final status.",
  LINEAGE_RECORDED: "Inputs or outputs of a run or step were recorded.",
  ARTIFACT_UPDATED: "An artifact was changed.",
  PROJECT_UPDATED: "A project was created or changed, or one of its stages was defined.",
});
export type EventType = keyof typeof EventType;

@ObjectType({ description: "One entry of the event log." })
export class Event {
  @Field(() => Cursor, {
    description: "Position of this event in the log; pass it as `after` to continue with the next event.",
  })
  cursor!: string;
  @Field(() => BigInteger, { description: "Sequence number in the log: 1, 2, 3, ... without gaps." })
  seq!: number;
  @Field(() => EventType, { description: "What happened." })
  type!: EventType;
  @Field(() => DateTime, { description: "When it happened." })
  at!: number;
  @Field(() => String, { description: "Name of the actor who did it." })
  actor!: string;
  @Field(() => String, { nullable: true, description: "Name of the alias that moved; null for other types." })
  alias!: string | null;
  @Field(() => String, { nullable: true, description: "Name of the stage concerned; null if none." })
  stage!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "What is doubtful about what was recorded, such as an end before the start; null if nothing is.",
  })
  warning!: string | null;
  @Field(() => StageChange, {
    nullable: true,
    description: "The rules of the stage before and after `defineStage`; null for other events.",
  })
  stageChange!: StageChange | null;
  projectName!: string;
  artifactKey!: string | null;
  kind!: string | null;
  /** The version's number in VERSION_LOGGED events; null in others. */
  number!: number | null;
  tags!: string[];
  versionId!: string | null;
  previousId!: string | null;
  runId!: string | null;
  stepId!: string | null;
  promotionId!: string | null;
}

@ObjectType({ description: "One event of a page, with its cursor." })
export class EventEdge {
  @Field(() => Cursor, { description: "The event's cursor." })
  cursor!: string;
  @Field(() => Event, { description: "The event." })
  node!: Event;
}

@ObjectType({ description: "One page of the event log, read forward." })
export class EventConnection {
  @Field(() => [Event], { description: "Events of this page, oldest first." })
  nodes!: Event[];
  @Field(() => [EventEdge], { description: "Events of this page, each with its cursor." })
  edges!: EventEdge[];
  @Field(() => PageInfo, {
    description: "Whether more events follow. Continue after `endCursor` with the next page or with a subscription.",
  })
  pageInfo!: PageInfo;
}
