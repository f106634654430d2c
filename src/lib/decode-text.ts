/** A text, and what is to say about how its bytes were read; null for plain UTF-8. */
export interface DecodedText {
  text: string;
  note: string | null;
}

const utf32 = [
  [0xff, 0xfe, 0, 0],
  [0, 0, 0xfe, 0xff],
];

function startsWith(bytes: Uint8Array, mark: number[]): boolean {
  return mark.every((byte, i) => bytes[i] === byte);
}

/** UTF-16 without a mark at its beginning shows by the zeros in every other byte of Latin letters. */
function looksLikeUtf16(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  const start = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  start.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  if (odd > start.length / 5 && even === 0) return "utf-16le";
  return even > start.length / 5 && odd === 0 ? "utf-16be" : null;
}

/** The characters of Windows-1252 from 0x80 on that differ from Latin 1. The decoder of some versions of Node takes the two for one. */
const windowsCharacters = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

function decodeWindows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return latin1.replace(/[\x80-\x9f]/g, (character) => windowsCharacters[character.charCodeAt(0) - 0x80] ?? character);
}

/** Bytes that are not UTF-8: a few wrong ones in a text with others that are right, or another encoding, which is most often Windows'. */
function decodeOther(bytes: Uint8Array, isWhole: boolean): DecodedText {
  const text = new TextDecoder().decode(bytes, { stream: !isWhole });
  const wrong = text.split("\ufffd").length - 1;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is what is removed.
  const right = text.replace(/[\u0000-\u007f\ufffd]+/g, "").length;
  if (right > wrong) return { text, note: `UTF-8 with ${wrong} wrong characters, shown as \ufffd` };
  return {
    text: decodeWindows1252(bytes),
    note: "not UTF-8, so that it is shown as Windows-1252",
  };
}

/** Decodes a text, or if it is not whole its beginning without a character that is cut in two. Null for UTF-32, which nothing here reads. */
export function decodeText(bytes: Uint8Array, isWhole: boolean): DecodedText | null {
  if (utf32.some((mark) => startsWith(bytes, mark))) return null;
  const stream = !isWhole;
  if (startsWith(bytes, [0xff, 0xfe]))
    return { text: new TextDecoder("utf-16le").decode(bytes, { stream }), note: null };
  if (startsWith(bytes, [0xfe, 0xff]))
    return { text: new TextDecoder("utf-16be").decode(bytes, { stream }), note: null };
  const utf16 = looksLikeUtf16(bytes);
  if (utf16) {
    const text = new TextDecoder(utf16).decode(bytes, { stream });
    return { text, note: `shown as ${utf16.toUpperCase()}, by the zeros in it` };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream }), note: null };
  } catch {
    return decodeOther(bytes, isWhole);
  }
}
