import { DomainError } from "../domain/core/errors.ts";

/**
 * Maximum operations at once on one connection, bytes of a message, characters of an operation's id (every message repeats it), and connections that have
 * not sent a valid `connection_init`, in all and from one address.
 */
export const websocketLimits = {
  operations: 100,
  messageBytes: 1_048_576,
  idCharacters: 256,
  unauthenticated: { max: 400, maxPerKey: 100 },
};

/** Throws `TOO_COMPLEX` for more operations at once than a connection may have. */
export function validateOperationCount(actual: number): void {
  const limit = websocketLimits.operations;
  if (actual <= limit) return;
  const message = `a connection can have at most ${limit} operations at once; complete one of them, or open another connection`;
  throw new DomainError("TOO_COMPLEX", message, { limit, actual });
}

/** Throws `TOO_LARGE` for an id of an operation that is too long. */
export function validateId(id: string): void {
  const limit = websocketLimits.idCharacters;
  if (id.length <= limit) return;
  throw new DomainError("TOO_LARGE", `the operation's id has ${id.length} characters; at most ${limit} are allowed`, {
    limit,
  });
}
