/** All fields of a model class, required: an object literal of this type that omits one does not compile. */
export type FieldsOf<T> = { [K in keyof T as T[K] extends (...args: never) => unknown ? never : K]-?: T[K] };

/** Parses a property that the service stored as the JSON of a `T`; null if it is absent. */
export function parseJson<T = unknown>(text: string | null | undefined): T | null {
  return text ? JSON.parse(text) : null;
}
