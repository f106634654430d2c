import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from "type-graphql";
import type { EventSelection } from "../domain/events/event-batch.ts";
import { type EventPage, listEvents } from "../domain/events/list-events.ts";
import { toCursor } from "../domain/events/load-events.ts";
import {
  followAll,
  followPromotions,
  followRuns,
  followUpstream,
  followVersions,
  type SubscriptionContext,
  type VersionCriteria,
} from "../domain/subscriptions/subscriptions.ts";
import { Artifact } from "../model/artifact.ts";
import { Kind } from "../model/enums.ts";
import { Event, EventConnection } from "../model/event.ts";
import { EventFilter } from "../model/event-filter.ts";
import { Run, Step } from "../model/execution.ts";
import { Project } from "../model/project.ts";
import { Promotion } from "../model/promotion.ts";
import { Cursor, VersionRef } from "../model/scalars.ts";
import { Version } from "../model/version.ts";
import type { Context } from "./context.ts";

@ArgsType()
class EventPageArgs implements EventPage {
  @Field(() => Cursor, {
    nullable: true,
    description: "Only what comes after this cursor; from the oldest event that is kept when left out.",
  })
  after?: string | null;
  @Field(() => Int, { nullable: true, description: "The first so many: 50 when left out, 500 at most." })
  first?: number | null;
  @Field(() => EventFilter, { nullable: true, description: "Which events." })
  filter?: EventFilter | null;
}

@ArgsType()
class ReplayArgs {
  @Field(() => Cursor, {
    nullable: true,
    description: "Replay what came after this cursor first; from now on when left out.",
  })
  after?: string | null;
}

@ArgsType()
class FollowArgs extends ReplayArgs {
  @Field(() => EventFilter, { nullable: true, description: "Which events." })
  filter?: EventFilter | null;
}

@ArgsType()
class VersionLoggedArgs extends ReplayArgs implements VersionCriteria {
  @Field(() => String, { nullable: true, description: "Only in this project." })
  project?: string | null;
  @Field(() => String, { nullable: true, description: "Only of the artifact of this name." })
  artifact?: string | null;
  @Field(() => Kind, { nullable: true, description: "Only of this kind." })
  kind?: Kind | null;
  @Field(() => String, { nullable: true, description: "Only logged with this tag." })
  tag?: string | null;
}

@ArgsType()
class VersionPromotedArgs extends ReplayArgs {
  @Field(() => String, { nullable: true, description: "Only in this project." })
  project?: string | null;
  @Field(() => String, { nullable: true, description: "Only of the artifact of this name." })
  artifact?: string | null;
  @Field(() => String, { nullable: true, description: "Only to this stage." })
  stage?: string | null;
}

@ArgsType()
class RunChangedArgs extends ReplayArgs {
  @Field(() => ID, { nullable: true, description: "Only of this run and its steps." })
  run?: string | null;
  @Field(() => String, { nullable: true, description: "Only in this project." })
  project?: string | null;
}

@ArgsType()
class UpstreamChangedArgs extends ReplayArgs {
  @Field(() => VersionRef, { description: "The version whose upstream is watched." })
  of!: string;
}

/** Starts a subscription: one call to the domain, with the arguments of its field. */
function following<A>(
  follow: (context: SubscriptionContext, args: A) => Promise<AsyncGenerator<EventSelection, void>>,
) {
  return ({ args, context }: { args: A; context: Context }) => follow(context, args);
}

@Resolver(() => Event)
export class EventResolver {
  @Query(() => EventConnection, {
    description: "The event log, oldest first: whatever was answered before this is asked is in it.",
  })
  events(@Args(() => EventPageArgs) page: EventPageArgs, @Ctx() context: Context) {
    return listEvents(context, page);
  }

  @Query(() => Cursor, {
    description:
      "Where the log ends now: subscribe with it as `after`, and nothing done from here on is missed, and nothing told that was done before.",
  })
  async head(@Ctx() { services }: Context) {
    return toCursor(await services.eventLog.flush());
  }

  @Subscription(() => Event, {
    name: "events",
    description: "Everything that happens; with `after` what came since then first, nothing lost or repeated.",
    subscribe: following(followAll),
  })
  everyEvent(@Root() event: Event, @Args(() => FollowArgs) _args: FollowArgs): Event {
    return event;
  }

  @Subscription(() => Event, {
    description: "Every version as it is logged; with `after` what came since then first, nothing lost or repeated.",
    subscribe: following(followVersions),
  })
  versionLogged(@Root() event: Event, @Args(() => VersionLoggedArgs) _args: VersionLoggedArgs): Event {
    return event;
  }

  @Subscription(() => Event, {
    description: "Every version as it comes into a stage: VERSION_PROMOTED.",
    subscribe: following(followPromotions),
  })
  versionPromoted(@Root() event: Event, @Args(() => VersionPromotedArgs) _args: VersionPromotedArgs): Event {
    return event;
  }

  @Subscription(() => Event, {
    description: "What happens to runs and their steps: RUN_STARTED, RUN_UPDATED, RUN_ENDED and LINEAGE_RECORDED.",
    subscribe: following(followRuns),
  })
  runChanged(@Root() event: Event, @Args(() => RunChangedArgs) _args: RunChangedArgs): Event {
    return event;
  }

  @Subscription(() => Event, {
    description:
      "VERSION_LOGGED of artifacts upstream of a version, its own left out, when they get a newer version than those upstream; by the lineage as it stands when the event is delivered.",
    subscribe: following(followUpstream),
  })
  upstreamChanged(@Root() event: Event, @Args(() => UpstreamChangedArgs) _args: UpstreamChangedArgs): Event {
    return event;
  }

  @FieldResolver(() => Project, { description: "The project that it happened in." })
  project(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.projects.load(event.projectName);
  }

  @FieldResolver(() => Artifact, { nullable: true, description: "The artifact that it is about." })
  artifact(@Root() event: Event, @Ctx() { loaders }: Context) {
    return event.artifactKey ? loaders.artifacts.load(event.artifactKey) : null;
  }

  @FieldResolver(() => Version, { nullable: true, description: "The version that it is about." })
  version(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.thingOrNull(event.versionId, Version);
  }

  @FieldResolver(() => Version, { nullable: true, description: "The version that stood there before." })
  previous(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.thingOrNull(event.previousId, Version);
  }

  @FieldResolver(() => Run, { nullable: true, description: "The run that it is about, or that made the version." })
  run(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.thingOrNull(event.runId, Run);
  }

  @FieldResolver(() => Step, { nullable: true, description: "The step that it is about, or that made the version." })
  step(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.thingOrNull(event.stepId, Step);
  }

  @FieldResolver(() => Promotion, { nullable: true, description: "The entry in the history of stages." })
  promotion(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.thingOrNull(event.promotionId, Promotion);
  }
}
