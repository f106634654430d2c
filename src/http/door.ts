import type { FastifyInstance } from "fastify";
import type { RequestContext, Services } from "../domain/core/context.ts";
import type { Problem, RenderedError } from "./problem.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks, and what the domain may use to answer. Set before a route that needs authentication runs. */
    context: RequestContext<keyof Services>;
  }
}

/** Registers routes; their paths are relative to the prefix of the door. */
type RegisterRoutes = (app: FastifyInstance) => Promise<void>;

/** Routes under one prefix that answer errors in the same form. */
export interface Door {
  /** What the paths of its routes begin with, such as `/blobs`. */
  prefix: string;
  /** Milliseconds that a request may take; absent where requests move bytes, for as long as their client needs. */
  timeoutMs?: number;
  /** Registers the routes that need authentication: `request.context` is set when they run. */
  routes?: RegisterRoutes;
  /** Registers the routes that anyone may call: `request.context` is not set. */
  publicRoutes?: RegisterRoutes;
  /** The answer for an error: one thrown by a route, one found before a route ran, or an unknown path under the prefix. */
  renderError(problem: Problem): RenderedError;
  /** What a request with an unknown path probably got wrong, to be added to the message; null for nothing in particular. */
  getNotFoundHint?(method: string, url: string): string | null;
  /** Ends connections that stay open, before the server closes. */
  close?(): Promise<void>;
}
