/** The value under a key of a map; if there is none, it is created and stored. */
export function getOrCreate<K, V extends object>(map: Map<K, V>, key: K, create: () => V): V {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const created = create();
  map.set(key, created);
  return created;
}
