/** A store can't be reached, or refuses the service's credentials. Retrying later is safe; doors answer with `UNAVAILABLE`. */
export class Unavailable extends Error {
  constructor(
    readonly store: "graph" | "blobs",
    cause: unknown,
  ) {
    super(`the ${store === "graph" ? "graph" : "blob"} store cannot be reached`, { cause });
  }
}

/** A store can't be opened when the service starts; the message says where it is and what to look at. */
export class NotOpened extends Error {}
