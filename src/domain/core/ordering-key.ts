/** A text that sorts by time (milliseconds since 1970), then by position in the call; the start of `id` makes it unique. */
export function orderingKey(at: number, position: number, id: string): string {
  return `${String(at).padStart(15, "0")}.${String(position).padStart(6, "0")}.${id.slice(0, 8)}`;
}
