const quote = '"'.charCodeAt(0);
const backslash = "\\".charCodeAt(0);

/** For each byte how many values it begins. */
const beginnings = new Uint8Array(256);
for (const character of ",[{") beginnings[character.charCodeAt(0)] = 1;

/**
 * Creates a function that counts the values of JSON text as its chunks arrive, before it is parsed: each list, each object, and what they hold after
 * their first member. It returns the count so far.
 */
export function createValueCounter(): (chunk: Uint8Array) => number {
  let [count, isText, isEscaped] = [0, false, false];
  const readText = (byte: number): void => {
    if (isEscaped) isEscaped = false;
    else if (byte === backslash) isEscaped = true;
    else isText = byte !== quote;
  };
  return (chunk) => {
    for (const byte of chunk) {
      if (isText) readText(byte);
      else if (byte === quote) isText = true;
      else count += beginnings[byte] ?? 0;
    }
    return count;
  };
}
