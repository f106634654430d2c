import type { WebSocketServer } from "ws";

/** Milliseconds for a peer to confirm that the connection closes, before it is cut off. */
const closeTimeoutMs = 2_000;
/** The close code of an endpoint that goes away. */
const goingAwayCode = 1001;

/** Closes all connections of a server; cuts off those whose peers do not confirm it in time. */
export async function closeAll(sockets: WebSocketServer): Promise<void> {
  const clients = [...sockets.clients];
  const closed = Promise.all(
    clients.map((client) => new Promise<void>((resolve) => void client.once("close", () => resolve()))),
  );
  for (const client of clients) {
    client.resume();
    client.close(goingAwayCode, "the service is closing: resume from the last cursor");
  }
  const timer = setTimeout(() => {
    for (const client of clients) client.terminate();
  }, closeTimeoutMs);
  await closed;
  clearTimeout(timer);
  sockets.close();
}
