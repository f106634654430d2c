import { createHash } from "node:crypto";

/** The two public doors that the demo needs: GraphQL and `PUT /blobs`. */
export interface Client {
  /** Sends a document and gives its data. Throws `Refused` with the service's words when it is refused. */
  ask<T>(query: string, variables?: object): Promise<T>;
  /** Uploads bytes into a project; gives their digest, `sha256:<hex>`. */
  put(project: string, bytes: Buffer): Promise<string>;
}

interface Problem {
  message: string;
  code?: string | undefined;
}

/** What the service said to a call that it refused, and its code. */
export class Refused extends Error {
  readonly code: string | undefined;
  constructor({ message, code }: Problem) {
    super(`the service answered: ${message}${code === "UNAUTHENTICATED" ? " (put it into PEDIGREE_TOKEN)" : ""}`);
    this.code = code;
  }
}

/** An error as GraphQL gives it, or as the plain routes do. */
interface Answer<T> {
  data: T;
  errors?: { message: string; extensions?: { code?: string } }[];
  detail?: string;
  code?: string;
}

function problemOf(answer: Answer<unknown>, ok: boolean): Problem | null {
  const [error] = answer.errors ?? [];
  if (error) return { message: error.message, code: error.extensions?.code };
  return ok ? null : { message: answer.detail ?? "no", code: answer.code };
}

async function read<T>(response: Response): Promise<Answer<T> & T> {
  const answer = (await response.json()) as Answer<T> & T;
  const problem = problemOf(answer, response.ok);
  if (problem) throw new Refused(problem);
  return answer;
}

/** A client of the service at `url`, with a token where one is needed. */
export function connect(url: string, token?: string): Client {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return {
    async ask<T>(query: string, variables?: object): Promise<T> {
      const body = JSON.stringify({ query, variables });
      const sent = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body };
      return (await read<T>(await fetch(`${url}/graphql`, sent))).data;
    },
    async put(project: string, bytes: Buffer): Promise<string> {
      const digest = createHash("sha256").update(bytes).digest("base64");
      // The service checks the bytes against this, so that none is lost or changed on the way.
      const sent = { method: "PUT", headers: { ...headers, "content-digest": `sha-256=:${digest}:` }, body: bytes };
      const response = await fetch(`${url}/blobs?project=${encodeURIComponent(project)}`, sent);
      return (await read<{ digest: string }>(response)).digest;
    },
  };
}
