/** The enumerable string keys of an object, with their types. Only for objects that hold nothing but the keys that their type names. */
export function keysOf<T extends object>(object: T): Extract<keyof T, string>[] {
  const keys: Extract<keyof T, string>[] = [];
  for (const key in object) keys.push(key);
  return keys;
}
