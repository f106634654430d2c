import { decodeReferences, readXml, XmlError, type XmlPart } from "../../lib/xml.ts";
import { yieldToEventLoop } from "../../lib/yield-to-event-loop.ts";
import { invalid } from "../core/errors.ts";

/** Elements that run scripts, or load or become other documents. */
const activeElements = new Set(
  "script handler listener iframe frame frameset object embed applet meta base link form".split(" "),
);
const urlAttributes = new Set("href src action formaction data poster".split(" "));
const animations = new Set("set animate animatecolor animatemotion animatetransform".split(" "));

function localName(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1).toLowerCase();
}

/** A value as browsers read URLs: without white space and control characters. Null for what XML alone does not define. */
function toUrl(value: string): string | null {
  const decoded = decodeReferences(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed.
  return decoded === null ? null : decoded.replace(/[\u0000-\u0020]+/g, "").toLowerCase();
}

function isActiveUrl(value: string): boolean {
  const url = toUrl(value);
  return url === null || /^(java|vb)script:/.test(url) || (url.startsWith("data:") && !url.startsWith("data:image/"));
}

/** An animation can write any attribute, also one that runs scripts. */
function isActiveAnimation(attribute: string, value: string): boolean {
  const written = toUrl(value);
  return written === null || written.includes("script:") || (attribute === "attributename" && written.startsWith("on"));
}

function isActive(part: XmlPart): boolean {
  // A document type can declare entities and default attributes, a style sheet can be a transformation.
  if (part.kind === "doctype") return part.hasSubset;
  if (part.kind === "instruction") return localName(part.target) === "xml-stylesheet";
  const element = localName(part.name);
  if (activeElements.has(element)) return true;
  return part.attributes.some(([name, value]) => {
    const attribute = localName(name);
    if (/^on[a-z]/.test(attribute)) return true;
    if (urlAttributes.has(attribute) && isActiveUrl(value)) return true;
    return animations.has(element) && isActiveAnimation(attribute, value);
  });
}

/** Parts that are looked at before other requests have their turn. */
const partsInTurn = 100;

async function findActive(text: string): Promise<boolean> {
  let count = 0;
  for (const part of readXml(text)) {
    if (isActive(part)) return true;
    count += 1;
    if (count % partsInTurn === 0) await yieldToEventLoop();
  }
  return false;
}

/** Returns an SVG unchanged. Throws `INVALID_INPUT` unless it is XML in UTF-8 whose elements and attributes run no scripts; texts may say anything. */
export async function validateSvg(bytes: Buffer): Promise<Buffer> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid("path", "an SVG is shown only if it is UTF-8; download it instead");
  }
  const hasScripts = await findActive(text).catch((error: unknown) => {
    if (!(error instanceof XmlError)) throw error;
    throw invalid("path", `this SVG is not valid XML (${error.message}) and is not shown; download it instead`);
  });
  if (hasScripts) throw invalid("path", "this SVG may contain scripts and is not shown; download it instead");
  return bytes;
}
