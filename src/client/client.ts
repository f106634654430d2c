import { createHash } from "node:crypto";

/** Where a service is, and the token to present to it. */
export interface Connection {
  url: string;
  token?: string | undefined;
}

interface GraphQLFailure {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; [detail: string]: unknown };
}

/** A GraphQL response as the service sent it: fields that failed are null in `data`, with their errors beside it. */
export interface GraphQLResponse<T> {
  data: T;
  errors?: GraphQLFailure[];
}

/** The body of an HTTP error, `application/problem+json`. */
interface Problem {
  detail?: string;
  code?: string;
  [member: string]: unknown;
}

/** A request that the service refused or could not answer, with the public error code and its details. */
export class PedigreeError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "PedigreeError";
  }
}

/** A client of one service. It holds no connection and needs no closing. */
export interface PedigreeClient {
  /** Sends a document; resolves with its data and throws a `PedigreeError` for the first error. */
  request<T>(document: string, variables?: object): Promise<T>;
  /** Sends a document; resolves with the whole response, errors included. Use it where part of the data is of use. */
  requestRaw<T>(document: string, variables?: object): Promise<GraphQLResponse<T>>;
  /** Uploads bytes into a project; resolves with their digest, `sha256:<hex>`. The service verifies them on arrival. */
  putBlob(project: string, bytes: Uint8Array | string): Promise<string>;
}

function toGraphQLError({ message, extensions: { code, ...details } }: GraphQLFailure): PedigreeError {
  return new PedigreeError(code, message, details);
}

function toHttpError({ status }: Response, { code, detail, title: _title, type: _type, ...details }: Problem) {
  return new PedigreeError(code ?? `HTTP_${status}`, detail ?? `HTTP status ${status}`, details);
}

/** Reads JSON; anything else comes from something between the client and the service. */
async function readJson<T>(response: Response): Promise<T> {
  if (/[/+]json\b/.test(response.headers.get("content-type") ?? "")) return (await response.json()) as T;
  const text = await response.text();
  throw toHttpError(response, {
    detail: `expected JSON but got HTTP status ${response.status}: ${text.slice(0, 200)}`,
  });
}

function contentDigest(bytes: Uint8Array | string): string {
  return `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;
}

/** Creates a client of the service at `url`; `token` is sent with every request. */
export function connect({ url, token }: Connection): PedigreeClient {
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const requestRaw = async <T>(document: string, variables?: object): Promise<GraphQLResponse<T>> => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { ...authorization, "content-type": "application/json" },
      body: JSON.stringify({ query: document, variables }),
    });
    return readJson(response);
  };
  return {
    requestRaw,
    async request<T>(document: string, variables?: object): Promise<T> {
      const { data, errors } = await requestRaw<T>(document, variables);
      if (errors?.[0]) throw toGraphQLError(errors[0]);
      return data;
    },
    async putBlob(project, bytes) {
      const response = await fetch(`${url}/blobs?project=${encodeURIComponent(project)}`, {
        method: "PUT",
        headers: { ...authorization, "content-digest": contentDigest(bytes) },
        body: bytes,
      });
      const body = await readJson<Problem & { digest: string }>(response);
      if (!response.ok) throw toHttpError(response, body);
      return body.digest;
    },
  };
}
