import type { ExecutionArgs } from "graphql";
import type { RequestContext, Services } from "../domain/core/context.ts";
import type { Actor } from "../domain/core/permissions.ts";
import type { SubscriptionContext, SubscriptionServices } from "../domain/subscriptions/subscriptions.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What every resolver of one request is given. */
export interface Context extends RequestContext<keyof Services>, SubscriptionContext {
  services: Services & SubscriptionServices;
  loaders: Loaders;
}

/** The context of one request; `resumeFrom` is the cursor of the last event that the client says it has received. */
export function createContext(
  { ports, services }: Pick<Context, "ports" | "services">,
  actor: Actor,
  resumeFrom: string | null = null,
): Context {
  return { ports, services, actor, resumeFrom, loaders: createLoaders({ ports, services, actor }) };
}

/** The context that an operation is executed in. */
export function contextOf({ contextValue }: Pick<ExecutionArgs, "contextValue">): Context {
  return contextValue as Context; // every execution gets one from `createContext`
}

/** Replaces the loaders, so that later fields of the request load again. */
export function renewLoaders(context: Context): void {
  context.loaders = createLoaders(context);
}
