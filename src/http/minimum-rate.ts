import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";

/** Bytes per second that a client must read or send while the service waits for it. */
const minBytesPerSecond = 1_024;
/** How often a connection is checked before it is cut off. */
const pollsPerTimeout = 4;

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  movedBytes: number;
  slowPolls: number;
}

/** Whether the client holds up the exchange: it has not sent the rest of its body, or not read what was sent. */
function waitsForClient({ request, response }: Exchange): boolean {
  return (
    response.writableLength > 0 ||
    (!request.complete && request.readableFlowing === true && request.readableLength === 0)
  );
}

function countMovedBytes({ request: { socket } }: Exchange): number {
  return socket.bytesRead + socket.bytesWritten - socket.writableLength;
}

/**
 * Cuts off clients that held up an exchange for `timeoutMs` during which less than 1 KiB per second was moved in both directions. Clients that wait for
 * the service are not affected.
 */
export function enforceMinimumRate(app: FastifyInstance, timeoutMs: number): void {
  const exchanges = new Set<Exchange>();
  const intervalMs = timeoutMs / pollsPerTimeout;
  const minBytes = (minBytesPerSecond * intervalMs) / 1_000;
  const check = (exchange: Exchange): void => {
    const movedBytes = countMovedBytes(exchange);
    const isSlow = waitsForClient(exchange) && movedBytes - exchange.movedBytes < minBytes;
    Object.assign(exchange, { movedBytes, slowPolls: isSlow ? exchange.slowPolls + 1 : 0 });
    if (exchange.slowPolls >= pollsPerTimeout) exchange.request.socket.destroy();
  };
  const timer = setInterval(() => exchanges.forEach(check), intervalMs).unref();
  app.addHook("onRequest", async ({ raw: request }, { raw: response }) => {
    const exchange: Exchange = { request, response, movedBytes: 0, slowPolls: 0 };
    exchanges.add(exchange);
    response.once("close", () => exchanges.delete(exchange));
  });
  app.addHook("onClose", async () => clearInterval(timer));
}
