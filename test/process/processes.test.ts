import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, inject, it } from "vitest";
import type { GraphQLResponse } from "../../src/client/client.ts";
import { connect } from "../support/events.ts";
import { overNeo4j, runMain, type ServiceProcess, startProcess } from "../support/process.ts";
import { freshProject } from "../support/service.ts";

const logVersion =
  "mutation ($input: LogVersionInput!) { logVersion(input: $input) { created version { id number } } }";
const publishRun = "mutation ($input: PublishRunInput!) { publishRun(input: $input) { created run { id } } }";
type Logged = { logVersion: { created: boolean; version: { id: string; number: number } } };
type Published = { publishRun: { created: boolean; run: { id: string } } };

const neo4j = inject("neo4j");

describe.skipIf(!neo4j)("two services over one Neo4j", () => {
  const both = () => Promise.all([startProcess(overNeo4j()), startProcess(overNeo4j())]);
  const fromBoth = <T>(
    services: ServiceProcess[],
    times: number,
    work: (service: ServiceProcess, i: number) => Promise<T>,
  ) =>
    Promise.all(
      services.flatMap((service, at) => Array.from({ length: times }, (_, i) => work(service, at * times + i))),
    );
  const codes = (answers: GraphQLResponse<unknown>[]) =>
    answers.flatMap((answer) => answer.errors ?? []).map((e) => e.extensions.code);

  it("two services number 64 parallel versions of one artifact 1 to 64", async () => {
    const input = { project: freshProject(), name: "model" };
    const answers = await fromBoth(await both(), 32, (service) => service.data<Logged>(logVersion, { input }));
    expect(answers.map((answer) => answer.logVersion.version.number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 64 }, (_, i) => i + 1),
    );
  });

  it("two services let 8 writers create the same project and artifacts again and again", async () => {
    const services = await both();
    for (let i = 0; i < 5; i++) {
      const project = freshProject();
      const outputs = ["b", "a", "c"].map((name) => ({ name }));
      const answers = await fromBoth(services, 8, (service, i) =>
        i % 2
          ? service.ask(logVersion, { input: { project, name: "a" } })
          : service.ask(publishRun, {
              input: { project, pipeline: "p", outputs: i % 4 ? outputs : [...outputs].reverse() },
            }),
      );
      expect(codes(answers)).toEqual([]);
    }
  });

  it("two services give a version name to one of two writers, and tell the other the holder", async () => {
    const services = await both();
    for (let i = 0; i < 3; i++) {
      const input = { project: freshProject(), name: "model", versionName: "v1" };
      const answers = await fromBoth(services, 8, (service) => service.ask<Logged>(logVersion, { input }));
      const [won] = answers.filter((answer) => !answer.errors);
      expect(codes(answers)).toEqual(Array.from({ length: 15 }, () => "ALREADY_EXISTS"));
      const [holder, ...others] = new Set(
        answers.flatMap((answer) => answer.errors ?? []).map((error) => error.extensions.holder),
      );
      expect(others).toEqual([]);
      const held = await services[0].data("query ($ref: VersionRef!) { version(ref: $ref) { id } }", { ref: holder });
      expect(held).toEqual({ version: { id: won?.data.logVersion.version.id } });
      expect(won?.data.logVersion.version.number).toBe(1);
    }
  });

  it("two services return one result for one idempotency key, created once", async () => {
    const services = await both();
    const project = freshProject();
    const logged = await fromBoth(services, 8, (service) =>
      service.data<Logged>(logVersion, { input: { project, name: "model", key: "k" } }),
    );
    expect(new Set(logged.map((answer) => answer.logVersion.version.id)).size).toBe(1);
    expect(logged.filter((answer) => answer.logVersion.created)).toHaveLength(1);
    const input = { project, pipeline: "p", key: "k", steps: [{ name: "s", outputs: [{ name: "made" }] }] };
    const published = await fromBoth(services, 8, (service) => service.data<Published>(publishRun, { input }));
    expect(new Set(published.map((answer) => answer.publishRun.run.id)).size).toBe(1);
    expect(published.filter((answer) => answer.publishRun.created)).toHaveLength(1);
    const versions = "query ($project: String!) { versions(filter: { project: { eq: $project } }) { totalCount } }";
    expect(await services[0].data(versions, { project })).toEqual({ versions: { totalCount: 2 } });
  });

  it("subscribers of two services get the writes of both, in the same order with the same cursors", async () => {
    const services = await both();
    const [one, other] = services;
    const project = freshProject();
    const first = await one.data<Logged>(logVersion, { input: { project, name: "model" } });
    const after = await cursorBefore(one, first.logVersion.version.id);
    await fromBoth(services, 10, (service, i) => service.data(logVersion, { input: { project, name: `m${i % 3}` } }));
    const delivered = await Promise.all(
      [one, other].map(({ url }) => connect(url).versions({ project, after }).take(20)),
    );
    expect(delivered[0]).toEqual(delivered[1]);
    const seqs = delivered[0]?.map((event) => event.seq) ?? [];
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs);
    expect(new Set(delivered[0]?.map((event) => event.version?.id)).size).toBe(20);
  });
});

/** The cursor of a version's own event, in a log that others write to as well. */
async function cursorBefore({ url }: ServiceProcess, id: string): Promise<string> {
  const start = Buffer.from("seq:0").toString("base64url");
  const stream = connect(url).versions({ after: start });
  for (;;) {
    const event = await stream.next();
    if (event.version?.id === id) return event.cursor;
  }
}

/** A request that the service has accepted and whose body it waits for. */
async function begun(service: ServiceProcess, method: string, path: string, headers: Record<string, string | number>) {
  const sent = request(`${service.url}${path}`, { method, headers: { ...headers, expect: "100-continue" } });
  const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
  });
  sent.flushHeaders();
  await once(sent, "continue");
  return { sent, answered };
}

describe("a service that is stopped", () => {
  it("a service that is stopped finishes the upload and mutation under way, accepts nothing new, and exits with 0", async () => {
    const service = await startProcess();
    const project = freshProject();
    const bytes = randomBytes(1_000_000);
    const upload = await begun(service, "PUT", `/blobs?project=${project}`, { "content-length": bytes.length });
    upload.sent.write(bytes.subarray(0, 400_000));
    const steps = Array.from({ length: 400 }, (_, i) => ({ name: `s${i}`, outputs: [{ name: `o${i}` }] }));
    const input = { project, pipeline: "p", key: "k", steps };
    const mutation = await begun(service, "POST", "/graphql", { "content-type": "application/json" });
    mutation.sent.end(JSON.stringify({ query: publishRun, variables: { input } }));
    const socket = connect(service.url, {}, false).client;
    const closed = new Promise((resolve) => socket.on("closed", resolve));
    await new Promise((resolve) => socket.on("connected", resolve));
    const ending = service.end("SIGTERM");
    expect(await closed).toMatchObject({ code: 1001 });
    await refused(service);
    upload.sent.end(bytes.subarray(400_000));
    const [uploaded, published] = await Promise.all([upload.answered, mutation.answered]);
    expect(uploaded.status).toBe(201);
    const { data } = JSON.parse(published.body) as GraphQLResponse<Published>;
    expect(data.publishRun.created).toBe(true);
    expect(await ending).toMatchObject({ code: 0 });
    await service.start();
    const { digest } = JSON.parse(uploaded.body) as { digest: string };
    const back = await fetch(`${service.url}/blobs/${digest}?project=${project}`);
    expect(Buffer.from(await back.arrayBuffer()).equals(bytes)).toBe(true);
    const repeated = await service.data<Published>(publishRun, { input });
    expect(repeated.publishRun).toEqual({ created: false, run: data.publishRun.run });
  });

  it("an idle service that is stopped exits with 0 at once, on either signal", async () => {
    const service = await startProcess();
    expect(await service.end("SIGINT")).toMatchObject({ code: 0 });
    await service.start();
    expect(await service.end("SIGTERM")).toMatchObject({ code: 0 });
  });
});

/** Resolves once no process listens on the port. */
async function refused(service: ServiceProcess): Promise<void> {
  for (;;) {
    const error = await fetch(`${service.url}/health/live`, { headers: { connection: "close" } }).then(
      () => null,
      (reason: TypeError) => reason.cause as { code?: string },
    );
    if (error?.code === "ECONNREFUSED") return;
  }
}

describe("a service that can't start", () => {
  it("a service that can't start says that another one has the data folder", async () => {
    const { folder } = await startProcess();
    const { code, output } = await runMain([], { PORT: "0", PEDIGREE_DATA: folder });
    expect(code).toBe(1);
    expect(output).toMatch(
      /^the embedded graph \S+ can't be opened: is another service using the same PEDIGREE_DATA\? .*\n$/,
    );
    expect(output.split("\n")).toHaveLength(2);
  });

  it("a service that can't start says that the port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const { code, output } = await runMain([], { PORT: port });
    server.close();
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^port ${port} is in use: .*PORT.*\n$`));
  });
});
