import { invalid } from "../core/errors.ts";

/** What runs, or brings in something that does, in whatever way it is written. Rather too much than too little: plots have none of it. */
const active = [
  /<(?:[^\s<>/:]+:)?(script|handler|listener|iframe|frame|object|embed)(?![\w.-])/i,
  /[\s"'/]on[a-z]+\s*=/i,
  /<!entity/i,
  /<\?xml-stylesheet/i,
];

/** The same without white space, which browsers leave out of addresses. */
const dense = /(java|vb)script:|href=["']?data:(?!image\/)|attributename=["']?on/i;

/** Characters that are written by their numbers. */
function decoded(text: string): string {
  return text.replace(/&#(x[0-9a-f]+|\d+);?/gi, (whole, number: string) => {
    const code = Number(number.replace(/^x/i, "0x"));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** A drawing as it is, when it is one in UTF-8 without scripts; else `INVALID_INPUT`. */
export function validateSvg(bytes: Buffer): Buffer {
  let text: string;
  try {
    text = decoded(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid("path", "a drawing is shown in UTF-8 only: download it");
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is left out.
  if (dense.test(text.replace(/[\u0000-\u0020]+/g, "")) || active.some((form) => form.test(text)))
    throw invalid("path", "this drawing holds what could run: download it");
  return bytes;
}
