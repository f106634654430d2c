import { Args, ArgsType, Ctx, Field, FieldResolver, Resolver, Root, Subscription } from "type-graphql";
import { followEvents, readerPlace } from "../domain/events.ts";
import { type Actor, authorise, may } from "../domain/permissions.ts";
import { artifactKey } from "../domain/resolve.ts";
import type { Thing } from "../domain/things.ts";
import { Artifact } from "../model/artifact.ts";
import { Kind } from "../model/enums.ts";
import { Event } from "../model/event.ts";
import { Run, Step } from "../model/execution.ts";
import { Project } from "../model/project.ts";
import { Promotion } from "../model/promotion.ts";
import { Cursor } from "../model/scalars.ts";
import { Version } from "../model/version.ts";
import { type Context, renewLoaders } from "./context.ts";

@ArgsType()
class VersionLoggedArgs {
  @Field(() => String, { nullable: true, description: "Only in this project." })
  project?: string | null;
  @Field(() => String, { nullable: true, description: "Only of the artifact of this name." })
  artifact?: string | null;
  @Field(() => Kind, { nullable: true, description: "Only of this kind." })
  kind?: Kind | null;
  @Field(() => String, { nullable: true, description: "Only logged with this tag." })
  tag?: string | null;
  @Field(() => Cursor, {
    nullable: true,
    description: "Replay what came after this cursor first; from now on when left out.",
  })
  after?: string | null;
}

const fits = (event: Event, args: VersionLoggedArgs, actor: Actor): boolean =>
  event.type === "VERSION_LOGGED" &&
  may(actor, "log:read", event.projectName) &&
  (!args.project || args.project === event.projectName) &&
  (!args.artifact || artifactKey(event.projectName, args.artifact) === event.artifactKey) &&
  (!args.kind || args.kind === event.kind) &&
  (!args.tag || event.tags.includes(args.tag));

async function* versionEvents(context: Context, args: VersionLoggedArgs, after: number | null, ended: AbortSignal) {
  for await (const event of followEvents(context.deps, context.tail, after, ended)) {
    if (!fits(event, args, context.actor)) continue;
    renewLoaders(context);
    yield event;
  }
}

/** A generator that waits for an event can't be told to return before there is one: it is woken by `ended` first. */
const stoppable = <T>(events: AsyncGenerator<T, void>, ended: AbortController): AsyncGenerator<T, void> => ({
  ...events,
  next: () => events.next(),
  throw: (error) => events.throw(error),
  return: (value) => {
    ended.abort();
    return events.return(value);
  },
  [Symbol.asyncIterator]() {
    return this;
  },
});

const isVersion = (thing: Thing): thing is Version => thing instanceof Version;
const isRun = (thing: Thing): thing is Run => thing instanceof Run;
const isPromotion = (thing: Thing): thing is Promotion => thing instanceof Promotion;
const isStep = (thing: Thing): thing is Step => thing instanceof Step;

@Resolver(() => Event)
export class EventResolver {
  @Subscription(() => Event, {
    description: "Every version as it is logged; with `after` what came since then first, nothing lost or repeated.",
    subscribe: async ({ args, context }: { args: unknown; context: Context }) => {
      const filter = args as VersionLoggedArgs;
      if (filter.project) authorise(context.actor, "log:read", filter.project);
      const after = await readerPlace(context.deps, filter.after);
      const ended = new AbortController();
      return stoppable(versionEvents(context, filter, after, ended.signal), ended);
    },
  })
  versionLogged(@Root() event: Event, @Args(() => VersionLoggedArgs) _args: VersionLoggedArgs): Event {
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
    return loaders.thingOrNull(event.versionId, isVersion);
  }

  @FieldResolver(() => Version, { nullable: true, description: "The version that stood there before." })
  previous(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.thingOrNull(event.previousId, isVersion);
  }

  @FieldResolver(() => Run, { nullable: true, description: "The run that it is about, or that made the version." })
  run(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.thingOrNull(event.runId, isRun);
  }

  @FieldResolver(() => Step, { nullable: true, description: "The step that it is about, or that made the version." })
  step(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.thingOrNull(event.stepId, isStep);
  }

  @FieldResolver(() => Promotion, { nullable: true, description: "The entry in the history of stages." })
  promotion(@Root() event: Event, @Ctx() { loaders }: Context) {
    return loaders.thingOrNull(event.promotionId, isPromotion);
  }
}
