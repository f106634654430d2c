import { once } from "node:events";
import WebSocket from "ws";

/** A client of graphql-transport-ws that sends payloads as they stand, and answers with the text of the first result. */
export async function createSocketClient(url: string, token: string) {
  const socket = new WebSocket(url, "graphql-transport-ws");
  const receive = async () => String((await once(socket, "message"))[0]);
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init", payload: { Authorization: `Bearer ${token}` } }));
  await receive();
  return {
    ask: (payload: string): Promise<string> => {
      const answer = receive();
      socket.send(`{"id": "1", "type": "subscribe", "payload": ${payload}}`);
      return answer;
    },
    close: () => socket.close(),
  };
}
