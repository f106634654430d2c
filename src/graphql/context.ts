import type { Deps } from "../domain/deps.ts";
import type { EventTail } from "../domain/event-tail.ts";
import type { Actor } from "../domain/permissions.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What every resolver of one request is given. */
export interface Context {
  actor: Actor;
  deps: Deps;
  tail: EventTail;
  loaders: Loaders;
}

/** The context of one request by one actor. */
export const createContext = (deps: Deps, tail: EventTail, actor: Actor): Context => ({
  actor,
  deps,
  tail,
  loaders: createLoaders(deps, actor),
});

/** Forgets what was loaded: each event of a subscription is told as things stand when it is delivered. */
export const renewLoaders = (context: Context): void => {
  context.loaders = createLoaders(context.deps, context.actor);
};
