/** All fields of a model class: an object of this type can't forget one. */
export type FieldsOf<T> = { [K in keyof T as T[K] extends (...args: never) => unknown ? never : K]-?: T[K] };

/** A JSON property of a row; null where it is absent. The type is what the service itself wrote. */
export function parseJson<T = unknown>(text: string | null | undefined): T | null {
  return text ? (JSON.parse(text) as T) : null;
}
