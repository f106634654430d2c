import type { ExecutionArgs } from "graphql";
import type { RequestContext, ServiceContext, Services } from "../domain/core/context.ts";
import type { Actor } from "../domain/core/permissions.ts";
import type { EventTail } from "../domain/events/event-tail.ts";
import type { UpstreamWatcher } from "../domain/subscriptions/upstream-watcher.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What is the same for all requests. */
export interface Shared extends ServiceContext<keyof Services> {
  tail: EventTail;
  upstreams: UpstreamWatcher;
}

/** What every resolver of one request is given. */
export interface Context extends Shared, RequestContext<keyof Services> {
  /** The last event that the client says it has seen; null for none. */
  resumeFrom: string | null;
  loaders: Loaders;
}

/** The context of one request by one actor. */
export function createContext(shared: Shared, actor: Actor, resumeFrom: string | null = null): Context {
  const context = { ...shared, actor };
  return { ...context, resumeFrom, loaders: createLoaders(context) };
}

/** The context that an operation is executed in. */
export function contextOf({ contextValue }: Pick<ExecutionArgs, "contextValue">): Context {
  return contextValue as Context;
}

/** Forgets what was loaded. */
export function renewLoaders(context: Context): void {
  context.loaders = createLoaders(context);
}
