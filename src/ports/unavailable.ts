/** A store can't be reached, or refuses the service's credentials. Retrying later is safe; doors answer with `UNAVAILABLE`. */
export class Unavailable extends Error {
  constructor(
    readonly store: "graph" | "blobs",
    cause: unknown,
  ) {
    super(`the ${store === "graph" ? "graph" : "blob"} store can't be reached`, { cause });
  }
}
