import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { engines, startTestService } from "../support/service.ts";

it("one address has at most 100 websockets without a valid connection_init; others get 503", async () => {
  const service = await startTestService(engines[0]);
  onTestFinished(() => service.close());
  const connect = (): WebSocket => {
    const socket = new WebSocket(`${service.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    onTestFinished(() => socket.terminate());
    return socket.on("error", () => undefined);
  };
  const open = async (): Promise<WebSocket> => {
    const socket = connect();
    await once(socket, "open");
    return socket;
  };
  const [first] = await Promise.all(Array.from({ length: 100 }, open));
  const [, response] = (await once(connect(), "unexpected-response")) as [unknown, IncomingMessage];
  expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
  first?.send(`{"type":"connection_init"}`);
  if (first) await once(first, "message");
  expect((await open()).readyState).toBe(WebSocket.OPEN);
});
