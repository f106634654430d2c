import type { ExecutionArgs } from "graphql";
import type { Deps } from "../domain/core/context.ts";
import type { Actor } from "../domain/core/permissions.ts";
import type { EventTail } from "../domain/events/event-tail.ts";
import type { UpstreamWatcher } from "../domain/subscriptions/upstream-watcher.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What every resolver of one request is given. */
export interface Context {
  actor: Actor;
  deps: Deps;
  tail: EventTail;
  upstreams: UpstreamWatcher;
  /** The last event that the client says to have seen; null for none. */
  resumeFrom: string | null;
  loaders: Loaders;
}

/** What is the same for all requests. */
export type Shared = Pick<Context, "deps" | "tail" | "upstreams">;

/** The context of one request by one actor. */
export function createContext(shared: Shared, actor: Actor, resumeFrom: string | null = null): Context {
  return {
    ...shared,
    actor,
    resumeFrom,
    loaders: createLoaders(shared.deps, actor),
  };
}

/** The context that an operation is executed in. */
export function contextOf({ contextValue }: Pick<ExecutionArgs, "contextValue">): Context {
  return contextValue as Context;
}

/** Forgets what was loaded. */
export function renewLoaders(context: Context): void {
  context.loaders = createLoaders(context.deps, context.actor);
}
