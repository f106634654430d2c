import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";

/** Bytes a second that a client must take, or send, while it is waited for. */
const minBytesPerSecond = 1_024;
/** Looks at a connection within the time after which it is cut off. */
const pollsPerTimeout = 4;

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  moved: number;
  strikes: number;
}

/** Whether it is the client that is waited for: it is asked for more of its body, or there are bytes that it doesn't take. */
function waitsForClient({ request, response }: Exchange): boolean {
  return (
    response.writableLength > 0 ||
    (!request.complete && request.readableFlowing === true && request.readableLength === 0)
  );
}

function movedBy({ request: { socket } }: Exchange): number {
  return socket.bytesRead + socket.bytesWritten - socket.writableLength;
}

/**
 * Cuts off clients that were waited for `limit` milliseconds on end while less than 1 KiB a second went either way. Who waits for the service
 * is left alone however long that takes.
 */
export function enforceMinimumRate(app: FastifyInstance, limit: number): void {
  const exchanges = new Set<Exchange>();
  const least = (minBytesPerSecond * limit) / pollsPerTimeout / 1_000;
  const look = (exchange: Exchange): void => {
    const moved = movedBy(exchange);
    const isSlow = waitsForClient(exchange) && moved - exchange.moved < least;
    Object.assign(exchange, { moved, strikes: isSlow ? exchange.strikes + 1 : 0 });
    if (exchange.strikes >= pollsPerTimeout) exchange.request.socket.destroy();
  };
  const timer = setInterval(() => exchanges.forEach(look), limit / pollsPerTimeout).unref();
  app.addHook("onRequest", async ({ raw: request }, { raw: response }) => {
    const exchange: Exchange = { request, response, moved: 0, strikes: 0 };
    exchanges.add(exchange);
    response.once("close", () => exchanges.delete(exchange));
  });
  app.addHook("onClose", async () => clearInterval(timer));
}
