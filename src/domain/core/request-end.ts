import { DomainError, Overloaded } from "./errors.ts";

/** When the work for one request must end. */
export interface RequestEnd {
  /** Aborts when the request was answered, when its client is gone, or when its time is up; the reason is an error for the caller. */
  signal: AbortSignal;
  /** Says that the request was answered, or that its client is gone. */
  end(): void;
}

function createTimeUpError(timeoutMs: number): DomainError<"TOO_COMPLEX"> {
  const message = `the request takes longer than ${timeoutMs / 1_000} seconds, and nothing that it would still write was written; ask for less, or split it into several requests`;
  return new DomainError("TOO_COMPLEX", message, { limit: timeoutMs, actual: timeoutMs });
}

/** Creates the end of a request that may take `timeoutMs`; null for as long as its client stays. */
export function createRequestEnd(timeoutMs: number | null): RequestEnd {
  const controller = new AbortController();
  const abort = (reason: Error): void => {
    clearTimeout(timer);
    controller.abort(reason);
  };
  const timer =
    timeoutMs === null ? undefined : setTimeout(() => abort(createTimeUpError(timeoutMs)), timeoutMs).unref();
  return {
    signal: controller.signal,
    end: () => abort(new Overloaded("the connection was closed before the request was answered")),
  };
}
