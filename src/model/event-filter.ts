import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { EventType } from "./event.ts";
import { KindFilter, StringFilter } from "./filters.ts";

/** Compares what an event tells; all that is given must hold. */
@InputType({ description: "Compares what an event tells; all that is given must hold." })
export class EventTypeFilter {
  @Field(() => EventType, { nullable: true, description: "Equal to." })
  eq?: EventType | null;
  @Field(() => [EventType], { nullable: true, description: "One of." })
  in?: EventType[] | null;
}

/** Which events; several fields are joined by AND. What an event isn't about fits no comparison. */
@InputType({
  description: "Which events; several fields are joined by AND. What an event isn't about fits no comparison.",
})
export class EventFilter {
  @Field(() => StringFilter, { nullable: true, description: "The project's name." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The artifact's name." })
  artifact?: StringFilter | null;
  @Field(() => KindFilter, { nullable: true, description: "The artifact's kind." })
  kind?: KindFilter | null;
  @Field(() => EventTypeFilter, { nullable: true, description: "What happened." })
  type?: EventTypeFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Who did it." })
  actor?: StringFilter | null;
}
