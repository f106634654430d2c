import { invalid } from "../core/errors.ts";

/** Everything that runs scripts or loads other documents, however it is written. Rather strict: plots contain none of it. */
const activeContent = [
  /<(?:[^\s<>/:]+:)?(script|handler|listener|iframe|frame|object|embed)(?![\w.-])/i,
  /[\s"'/]on[a-z]+\s*=/i,
  /<!entity/i,
  /<\?xml-stylesheet/i,
];
/** More of the same, for text without white space: browsers ignore white space in URLs. */
const activeUrl = /(java|vb)script:|href=["']?data:(?!image\/)|attributename=["']?on/i;

/** Replaces numeric character references by their characters. */
function decodeReferences(text: string): string {
  return text.replace(/&#(x[0-9a-f]+|\d+);?/gi, (reference, number: string) => {
    const code = Number(number.replace(/^x/i, "0x"));
    return code <= 0x10ffff ? String.fromCodePoint(code) : reference;
  });
}

/** Returns an SVG unchanged. Throws `INVALID_INPUT` unless it is UTF-8 and contains no scripts. */
export function validateSvg(bytes: Buffer): Buffer {
  let text: string;
  try {
    text = decodeReferences(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid("path", "an SVG is shown only if it is UTF-8; download it instead");
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed.
  const dense = text.replace(/[\u0000-\u0020]+/g, "");
  if (activeUrl.test(dense) || activeContent.some((pattern) => pattern.test(text)))
    throw invalid("path", "this SVG may contain scripts and is not shown; download it instead");
  return bytes;
}
