const maxLength = 80;

/** A value as JSON for an error message, cut off after 80 characters. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
}
