import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { EventType } from "./event.ts";
import { KindFilter, StringFilter } from "./filters.ts";

@InputType({ description: "Compares an event type. All given conditions must hold." })
export class EventTypeFilter {
  @Field(() => EventType, { nullable: true, description: "Is equal to." })
  eq?: EventType | null;
  @Field(() => [EventType], { nullable: true, description: "Is one of." })
  in?: EventType[] | null;
}

@InputType({
  description:
    "Selects events; all given fields must match. A condition on a property that an event lacks never matches.",
})
export class EventFilter {
  @Field(() => StringFilter, { nullable: true, description: "Name of the project." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the artifact." })
  artifact?: StringFilter | null;
  @Field(() => KindFilter, { nullable: true, description: "Kind of the artifact." })
  kind?: KindFilter | null;
  @Field(() => EventTypeFilter, { nullable: true, description: "Type of the event." })
  type?: EventTypeFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the actor." })
  actor?: StringFilter | null;
}
