/**
 * A store can't be used: it can't be reached, refuses the service's credentials, or holds data that this build can't read. Retrying later is safe;
 * doors answer with `UNAVAILABLE`. `cause` says more, for the log.
 */
export class Unavailable extends Error {
  constructor(
    readonly store: "graph" | "blobs",
    cause: unknown,
  ) {
    super(`the ${store === "graph" ? "graph" : "blob"} store is unavailable`, { cause });
  }
}

/** A store can't be opened. The message is for the operator: which store, why, and what to do. */
export class NotOpened extends Error {}
