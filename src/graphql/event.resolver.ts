import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from "type-graphql";
import type { EventSelection } from "../domain/events/event-batch.ts";
import { findHead } from "../domain/events/find-head.ts";
import { type EventPage, listEvents } from "../domain/events/list-events.ts";
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
    description: "Return only events after this cursor. Default: from the oldest event that is kept.",
  })
  after?: string | null;
  @Field(() => Int, { nullable: true, description: "Number of events, 0 to 500. Default: 50." })
  first?: number | null;
  @Field(() => EventFilter, { nullable: true, description: "Which events to return; omit for all that you may read." })
  filter?: EventFilter | null;
}

@ArgsType()
class ReplayArgs {
  @Field(() => Cursor, {
    nullable: true,
    description: "First replay the events after this cursor. Default: start now.",
  })
  after?: string | null;
}

@ArgsType()
class FollowArgs extends ReplayArgs {
  @Field(() => EventFilter, { nullable: true, description: "Which events to receive; omit for all that you may read." })
  filter?: EventFilter | null;
}

@ArgsType()
class VersionLoggedArgs extends ReplayArgs implements VersionCriteria {
  @Field(() => String, { nullable: true, description: "Only versions in this project." })
  project?: string | null;
  @Field(() => String, { nullable: true, description: "Only versions of artifacts with this name." })
  artifact?: string | null;
  @Field(() => Kind, { nullable: true, description: "Only versions of this kind." })
  kind?: Kind | null;
  @Field(() => String, { nullable: true, description: "Only versions logged with this tag." })
  tag?: string | null;
}

@ArgsType()
class VersionPromotedArgs extends ReplayArgs {
  @Field(() => String, { nullable: true, description: "Only versions in this project." })
  project?: string | null;
  @Field(() => String, { nullable: true, description: "Only versions of artifacts with this name." })
  artifact?: string | null;
  @Field(() => String, { nullable: true, description: "Only versions that enter this stage." })
  stage?: string | null;
}

@ArgsType()
class RunChangedArgs extends ReplayArgs {
  @Field(() => ID, { nullable: true, description: "Only this run and its steps, by the id of the run." })
  run?: string | null;
  @Field(() => String, { nullable: true, description: "Only runs in this project." })
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
    description: "The event log, oldest first. It includes every change that was answered before this query was sent.",
  })
  events(@Args(() => EventPageArgs) page: EventPageArgs, @Ctx() context: Context) {
    return listEvents(context, page);
  }

  @Query(() => Cursor, {
    description:
      "Where the event log ends now. Subscribe with it as `after` to receive everything that happens from now on, and nothing earlier.",
  })
  head(@Ctx() context: Context) {
    return findHead(context);
  }

  @Subscription(() => Event, {
    name: "events",
    description:
      "Everything that happens. With `after`, first what has happened since then; nothing is lost or repeated.",
    subscribe: following(followAll),
  })
  everyEvent(@Root() event: Event, @Args(() => FollowArgs) _args: FollowArgs): Event {
    return event;
  }

  @Subscription(() => Event, {
    description:
      "Every version as it is logged. With `after`, first those logged since then; nothing is lost or repeated.",
    subscribe: following(followVersions),
  })
  versionLogged(@Root() event: Event, @Args(() => VersionLoggedArgs) _args: VersionLoggedArgs): Event {
    return event;
  }

  @Subscription(() => Event, {
    description: "Every version as it enters a stage: events of type VERSION_PROMOTED.",
    subscribe: following(followPromotions),
  })
  versionPromoted(@Root() event: Event, @Args(() => VersionPromotedArgs) _args: VersionPromotedArgs): Event {
    return event;
  }

  @Subscription(() => Event, {
    description:
      "Changes to runs and their steps: events of type RUN_STARTED, RUN_UPDATED, RUN_ENDED and LINEAGE_RECORDED.",
    subscribe: following(followRuns),
  })
  runChanged(@Root() event: Event, @Args(() => RunChangedArgs) _args: RunChangedArgs): Event {
    return event;
  }

  @Subscription(() => Event, {
    description:
      "New versions of artifacts upstream of a version, excluding its own: VERSION_LOGGED events with a newer version than those upstream. Uses the lineage as of delivery.",
    subscribe: following(followUpstream),
  })
  upstreamChanged(@Root() event: Event, @Args(() => UpstreamChangedArgs) _args: UpstreamChangedArgs): Event {
    return event;
  }

  @FieldResolver(() => Project, { description: "The project in which it happened." })
  project(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.projects.load(event.projectName);
  }

  @FieldResolver(() => Artifact, { nullable: true, description: "The artifact concerned; null if none." })
  artifact(@Root() event: Event, @Ctx() { loaders }: Context) {
    return event.artifactKey ? loaders.artifacts.load(event.artifactKey) : null;
  }

  @FieldResolver(() => Version, {
    nullable: true,
    description: "The version concerned; null if none, as when an alias is removed.",
  })
  version(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.entityOrNull(event.versionId, Version);
  }

  @FieldResolver(() => Version, {
    nullable: true,
    description: "The version that held the alias or stage before; null if none did.",
  })
  previous(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.entityOrNull(event.previousId, Version);
  }

  @FieldResolver(() => Run, {
    nullable: true,
    description: "The run concerned, or the one that produced the version; null if none.",
  })
  run(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.entityOrNull(event.runId, Run);
  }

  @FieldResolver(() => Step, {
    nullable: true,
    description: "The step concerned, or the one that produced the version; null if none.",
  })
  step(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.entityOrNull(event.stepId, Step);
  }

  @FieldResolver(() => Promotion, {
    nullable: true,
    description: "The entry in the promotion history; null if the event is not about a promotion.",
  })
  promotion(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.entityOrNull(event.promotionId, Promotion);
  }
}
