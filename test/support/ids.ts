import { createHash, randomBytes } from "node:crypto";

/** Ids for a service under test: the same order for the same calls on every engine, and never those of another test. */
export interface SeededIds {
  newId: () => string;
  /** The next ids belong to this call, however many it and earlier calls take. */
  begin(call: number): void;
}

/** A salt that no other test run has; `seed` determines the order of the ids. */
export function freshSalt(): string {
  return randomBytes(6).toString("hex");
}

/** Ids that look like UUIDs: `seed` determines their order, their last 12 digits are `salt`. */
export function seededIds(seed: string, salt: string): SeededIds {
  let call = 0;
  let taken = 0;
  return {
    newId: () => {
      const hex = createHash("sha256").update(`${seed}/${call}/${taken++}`).digest("hex");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${salt}`;
    },
    begin: (next) => {
      call = next;
      taken = 0;
    },
  };
}
