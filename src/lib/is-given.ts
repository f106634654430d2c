/** Whether a caller gave a value: optional inputs arrive as null or undefined when omitted. */
export function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
