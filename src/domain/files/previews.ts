import { buffer } from "node:stream/consumers";
import { openContent, readWhole } from "../blobs/verified-read.ts";
import type { RequestContext, ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { validatePath } from "../core/validation.ts";
import { findVersion } from "../references/find-version.ts";
import { getContentType } from "./content-types.ts";
import { readCsv } from "./csv.ts";
import { assertNotDeleted, findFile } from "./downloads.ts";
import { previewParquet } from "./parquet-preview.ts";
import { validateSvg } from "./svg.ts";
import { encodedPath } from "./urls.ts";

/** What a browser may show: nothing in it is ever run. */
export interface Preview {
  contentType: string;
  body: Buffer | string;
  /** Whether there is more in the file than is shown. */
  truncated: boolean;
}

type Form = "csv" | "parquet" | "json" | "text" | "page" | "drawing" | "image";

const endings: Record<Form, string> = {
  csv: "csv tsv",
  parquet: "parquet pq",
  json: "json geojson ipynb",
  text: "txt log md markdown yaml yml toml ini cfg py r sql sh js ts xml jsonl ndjson",
  page: "html htm",
  drawing: "svg",
  image: "png jpg jpeg gif webp avif bmp ico",
};
const forms = new Map<string, Form>(
  (Object.entries(endings) as [Form, string][]).flatMap(([form, names]) =>
    names.split(" ").map((name) => [name, form]),
  ),
);

const mebibyte = 2 ** 20;
/** Bytes of a file that are shown: of texts and tables the first, of the rest all or nothing. */
const most = { text: mebibyte, whole: 5 * mebibyte, image: 20 * mebibyte };
const bounds = { rows: 100, columns: 200 };

function formOf(path: string): Form | undefined {
  return forms.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

/** Where a file of a version is shown, as a path on this service; null for what can't be. */
export function previewUrl(version: string, path: string): string | null {
  return formOf(path) ? `/versions/${version}/preview/${encodedPath(path)}` : null;
}

async function readUpTo(context: ServiceContext<"contentStore">, file: StoredFile, limit: number): Promise<Buffer> {
  if (file.size <= limit) return readWhole(context, file);
  throw new DomainError("TOO_LARGE", `files of this type are shown up to ${limit} bytes: download it`, { limit });
}

/** The beginning of a text; a character that is cut in two is left out. */
async function readText(
  context: ServiceContext<"contentStore">,
  file: StoredFile,
): Promise<{ text: string; whole: boolean }> {
  const whole = file.size <= most.text;
  const bytes = whole
    ? await readWhole(context, file)
    : await buffer(await openContent(context, file, { start: 0, end: most.text - 1 }));
  return { text: new TextDecoder().decode(bytes, { stream: !whole }), whole };
}

const vega = /^https?:\/\/vega\.github\.io\/schema\/(vega|vega-lite)\/v(\d+)/;

/** Specifications of plots are told from other JSON by their schema. */
function jsonType(text: string): string {
  try {
    const { $schema } = JSON.parse(text) as { $schema?: unknown };
    const [, name, version] = vega.exec(String($schema)) ?? [];
    return name ? `application/vnd.${name.replace("-", "")}.v${version}+json` : "application/json";
  } catch {
    return "text/plain; charset=utf-8";
  }
}

/** A table says in its JSON whether there is more of it. */
function tableOf(body: string): Preview {
  const { truncated } = JSON.parse(body) as { truncated: boolean };
  return { contentType: "application/json", body, truncated };
}

const shows: Record<Form, (context: ServiceContext<"contentStore">, file: StoredFile) => Promise<Preview>> = {
  async csv(context, file) {
    const { text, whole } = await readText(context, file);
    return tableOf(readCsv(text, whole, bounds));
  },
  async parquet(context, file) {
    const { json, truncated } = await previewParquet(context, file, bounds);
    return { contentType: "application/json", body: json, truncated };
  },
  async json(context, file) {
    const body = await readUpTo(context, file, most.whole);
    return { contentType: jsonType(body.toString()), body, truncated: false };
  },
  async text(context, file) {
    const { text, whole } = await readText(context, file);
    const contentType = /\.(md|markdown)$/i.test(file.path) ? "text/markdown" : "text/plain";
    return { contentType: `${contentType}; charset=utf-8`, body: text, truncated: !whole };
  },
  async page(context, file) {
    return {
      contentType: "text/html; charset=utf-8",
      body: await readUpTo(context, file, most.whole),
      truncated: false,
    };
  },
  async drawing(context, file) {
    const body = validateSvg(await readUpTo(context, file, most.whole));
    return { contentType: "image/svg+xml; charset=utf-8", body, truncated: false };
  },
  async image(context, file) {
    const contentType = getContentType(file.path.toLowerCase());
    return { contentType, body: await readUpTo(context, file, most.image), truncated: false };
  },
};

/**
 * What can be shown of a file: tables as JSON (`columns`, first `rows`, `rowCount`, `truncated`), the rest as it is. `INVALID_INPUT` for types that
 * can't be shown, `TOO_LARGE` where there is too much to look into.
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
  const form = formOf(path);
  if (!form) throw invalid("path", `there is no preview of ${getContentType(path)}: download it`);
  return shows[form](context, file);
}
