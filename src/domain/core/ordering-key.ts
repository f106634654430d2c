/** A text whose order is that of time, then of the position in the call; unique by the end of `id`. */
export function orderingKey(at: number, position: number, id: string): string {
  return `${String(at).padStart(15, "0")}.${String(position).padStart(6, "0")}.${id.slice(0, 8)}`;
}
