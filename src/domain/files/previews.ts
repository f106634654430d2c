import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { maxEntryBytes } from "../../lib/content-cache.ts";
import { decodeText } from "../../lib/decode-text.ts";
import { readRange, readVerified, readWhole } from "../blobs/verified-read.ts";
import type { RequestContext, ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { validatePath } from "../core/validation.ts";
import { findVersion } from "../references/find-version.ts";
import { assertNotDeleted } from "./assert-not-deleted.ts";
import { getContentType } from "./content-types.ts";
import { encodePath } from "./file-urls.ts";
import { findFile } from "./find-file.ts";
import { readCsv, type TextStart } from "./read-csv.ts";
import { readParquet } from "./read-parquet.ts";
import { validateSvg } from "./validate-svg.ts";

/** What a browser can show of a file; it never contains scripts that run. */
export interface Preview {
  contentType: string;
  body: Buffer | string | Readable;
  /** Whether the file has more than is shown. */
  truncated: boolean;
}

type Format = "csv" | "parquet" | "json" | "text" | "html" | "svg" | "image";

const extensions: [Format, string][] = [
  ["csv", "csv tsv"],
  ["parquet", "parquet pq"],
  ["json", "json geojson ipynb"],
  ["text", "txt log md markdown yaml yml toml ini cfg py r sql sh js ts xml jsonl ndjson"],
  ["html", "html htm"],
  ["svg", "svg"],
  ["image", "png jpg jpeg gif webp avif bmp ico"],
];
const formats = new Map(
  extensions.flatMap(([format, names]) => names.split(" ").map((name): [string, Format] => [name, format])),
);

const mebibyte = 2 ** 20;
/** Text and CSV files are cut after this. */
const maxTextBytes = mebibyte;
/** Larger JSON, HTML and SVG files are not shown. */
const maxDocumentBytes = 5 * mebibyte;
/** Larger images are not shown. */
const maxImageBytes = 20 * mebibyte;
const tableLimits = { rows: 100, columns: 200 };

function getFormat(path: string): Format | undefined {
  return formats.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

/** The URL of the preview of a file by the version's id, as a path on this service; null when its type can't be shown. */
export function getPreviewUrl(version: string, path: string): string | null {
  return getFormat(path) ? `/versions/${version}/preview/${encodePath(path)}` : null;
}

function validateSize(file: StoredFile, limit: number): void {
  if (file.size <= limit) return;
  const message = `the file has ${file.size} bytes; files of this type are shown up to ${limit}; download it instead`;
  throw new DomainError("TOO_LARGE", message, { limit });
}

/** A file that is looked into before it is shown. */
async function readUpTo(context: ServiceContext<"contentStore">, file: StoredFile, limit: number): Promise<Buffer> {
  validateSize(file, limit);
  return readWhole(context, file);
}

/** A file that is shown as it is: streamed, so that many large ones at once don't fill the memory, and verified as in a download. */
async function streamUpTo(
  context: ServiceContext<"contentStore">,
  file: StoredFile,
  limit: number,
): Promise<Readable | Buffer> {
  validateSize(file, limit);
  return file.size <= maxEntryBytes ? readWhole(context, file) : readVerified(context, file);
}

/** The beginning of a text file, without a character that is cut in two. What is not read whole is not verified against its digest. */
async function readText(context: ServiceContext<"contentStore">, file: StoredFile): Promise<TextStart> {
  const isWhole = file.size <= maxTextBytes;
  const bytes = isWhole
    ? await readWhole(context, file)
    : await buffer(await readRange(context, file, { start: 0, end: maxTextBytes - 1 }));
  const decoded = decodeText(bytes, isWhole);
  if (!decoded) throw invalid("path", "text in UTF-32 is not shown; download the file instead");
  return { ...decoded, isWhole };
}

const vegaSchema = /^https?:\/\/vega\.github\.io\/schema\/(vega|vega-lite)\/v(\d+)/;

/** The media type of a JSON file; Vega plots have their own, by their schema. */
function getJsonType(text: string): string {
  try {
    const { $schema }: { $schema?: unknown } = JSON.parse(text);
    const [, name, version] = vegaSchema.exec(String($schema)) ?? [];
    return name ? `application/vnd.${name.replace("-", "")}.v${version}+json` : "application/json";
  } catch {
    return "text/plain; charset=utf-8";
  }
}

function toTablePreview(body: string): Preview {
  const { truncated }: { truncated: boolean } = JSON.parse(body);
  return { contentType: "application/json", body, truncated };
}

const createPreview: Record<Format, (context: ServiceContext<"contentStore">, file: StoredFile) => Promise<Preview>> = {
  async csv(context, file) {
    return toTablePreview(readCsv(file.path, await readText(context, file), tableLimits));
  },
  async parquet(context, file) {
    const { json, truncated } = await readParquet(context, file, tableLimits);
    return { contentType: "application/json", body: json, truncated };
  },
  async json(context, file) {
    const body = await readUpTo(context, file, maxDocumentBytes);
    return { contentType: getJsonType(body.toString()), body, truncated: false };
  },
  async text(context, file) {
    const { text, isWhole } = await readText(context, file);
    const contentType = /\.(md|markdown)$/i.test(file.path) ? "text/markdown" : "text/plain";
    return { contentType: `${contentType}; charset=utf-8`, body: text, truncated: !isWhole };
  },
  async html(context, file) {
    const body = await streamUpTo(context, file, maxDocumentBytes);
    return { contentType: "text/html; charset=utf-8", body, truncated: false };
  },
  async svg(context, file) {
    const body = await validateSvg(await readUpTo(context, file, maxDocumentBytes));
    return { contentType: "image/svg+xml; charset=utf-8", body, truncated: false };
  },
  async image(context, file) {
    const contentType = getContentType(file.path.toLowerCase());
    return { contentType, body: await streamUpTo(context, file, maxImageBytes), truncated: false };
  },
};

/**
 * What can be shown of a file: tables as JSON (`columns`, first `rows`, `rowCount`, `truncated`), other files as they are. Throws `INVALID_INPUT` for
 * types that can't be shown, `TOO_LARGE` for files that are too large, and the errors of `findDownload`.
 */
export async function findPreview(
  context: RequestContext<"contentStore" | "lookups">,
  ref: string,
  path: string,
): Promise<Preview> {
  validatePath(path, "path");
  const version = await findVersion(context, ref);
  assertNotDeleted(version);
  const file = await findFile(context, version, path);
  const format = getFormat(path);
  if (!format)
    throw invalid("path", `files of type ${getContentType(path)} have no preview; download the file instead`);
  return createPreview[format](context, file);
}
