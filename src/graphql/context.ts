import type { ExecutionArgs } from "graphql";
import type { RequestContext, Services } from "../domain/core/context.ts";
import type { Actor } from "../domain/core/permissions.ts";
import { createRequestGraph } from "../domain/core/request-graph.ts";
import type { SubscriptionContext, SubscriptionServices } from "../domain/subscriptions/subscriptions.ts";
import type { TakeSlot } from "../lib/slots.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What every resolver of one request is given. */
export interface Context extends RequestContext<keyof Services>, SubscriptionContext {
  services: Services & SubscriptionServices;
  loaders: Loaders;
}

/** What the context of a request is made of. */
export interface ContextInput {
  actor: Actor;
  /** Aborts when the request ends. */
  signal: AbortSignal;
  /** The cursor of the last event that the client says it has received. */
  resumeFrom?: string | null;
}

/** What the requests of a process share. */
export interface SharedContext extends Pick<Context, "ports" | "services"> {
  takeAnswerSlot: TakeSlot;
}

/** The context of one request; its graph ends with its signal. */
export function createContext(shared: SharedContext, { actor, signal, resumeFrom = null }: ContextInput): Context {
  const { services, takeAnswerSlot } = shared;
  const graph = createRequestGraph(shared.ports.graph, { actor, signal, takeAnswerSlot });
  const ports = { ...shared.ports, graph };
  const context = { ports, services, actor, signal };
  return { ...context, resumeFrom, loaders: createLoaders(context) };
}

/** The context that an operation is executed in. */
export function contextOf({ contextValue }: Pick<ExecutionArgs, "contextValue">): Context {
  return contextValue as Context; // every execution gets one from `createContext`
}

/** Replaces the loaders, so that later fields of the request load again. */
export function renewLoaders(context: Context): void {
  context.loaders = createLoaders(context);
}
