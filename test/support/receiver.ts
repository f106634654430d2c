import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** One request to a webhook receiver. */
export interface ReceivedEvent {
  headers: IncomingHttpHeaders;
  body: string;
}

/** Receives webhooks on loopback until the test ends: keeps the requests, and answers as the test says. */
export async function receiver(
  answer: (received: ReceivedEvent, count: number) => number | Promise<number> = () => 204,
) {
  const received: ReceivedEvent[] = [];
  const listener: RequestListener = async (request, response) => {
    const item = { headers: request.headers, body: await text(request) };
    received.push(item);
    const status = await answer(item, received.length);
    response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
  };
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, received, port };
}
