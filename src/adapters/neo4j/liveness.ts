import { connect as connectPlain, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { connect as connectSecure } from "node:tls";
import { Unavailable } from "../../ports/unavailable.ts";

/** An operation runs this long before the server is probed, and again between probes. */
const probeIntervalMs = 1_500;
/** How long a probe may take. With `probeIntervalMs` it stays below the 5 seconds in which an unavailable store must be noticed. */
const probeTimeoutMs = 2_500;
/** How long an operation may take in any case. */
const maxOperationMs = 120_000;

/** Bolt's magic number and the versions we offer; a server answers with four bytes, before any login. */
const handshake = Buffer.from("6060b01700080805000204040000000000000000", "hex");

function openSocket(uri: string): Socket {
  const { protocol, hostname, port } = new URL(uri);
  const host = hostname.replace(/^\[|\]$/g, "");
  const address = { host, port: Number(port || 7687) };
  return protocol.endsWith("+s:") ? connectSecure({ ...address, servername: host }) : connectPlain(address);
}

/** False when nothing comes back in time. A refused connection counts as an answer: the operation gets that error itself. */
function probeServer(uri: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = openSocket(uri);
    const end = (answered: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    // The answer may have arrived while this process was too busy to read it: one more turn of the event loop.
    const timer = setTimeout(() => void nextTurn().then(() => nextTurn().then(() => end(false))), probeTimeoutMs);
    socket.once("data", () => end(true));
    socket.on("error", () => end(true));
    socket.write(handshake);
  });
}

/**
 * Runs an operation on the server until `requestSignal` aborts. The signal that `work` gets aborts when the operation was given up; its caller has got an
 * error by then.
 */
export type Watch = <T>(work: (signal: AbortSignal) => Promise<T>, requestSignal?: AbortSignal) => Promise<T>;

/**
 * Gives operations up, with `Unavailable`, when the server is unresponsive: frozen, or cut off without a closed connection, where the driver would
 * wait for hours. A slow statement proves nothing, so a probe over another connection decides, and long work goes on while that is answered. While
 * the server is unresponsive, an operation probes first. `onUnresponsive` is called once each time.
 */
export function watchLiveness(uri: string, onUnresponsive: () => void): Watch {
  let probing: Promise<boolean> | undefined;
  let unresponsive = false;

  const noteAnswer = (answered: boolean): boolean => {
    probing = undefined;
    if (!answered && !unresponsive) onUnresponsive();
    unresponsive = !answered;
    return answered;
  };
  const probe = (): Promise<boolean> => {
    probing ??= probeServer(uri).then(noteAnswer);
    return probing;
  };

  return async (work, requestSignal) => {
    requestSignal?.throwIfAborted();
    if (unresponsive && !(await probe())) throw createUnresponsiveError();
    const operation = new AbortController();
    const watch = watchOperation(probe, requestSignal);
    watch.lost.catch((reason) => operation.abort(reason));
    try {
      return await Promise.race([work(operation.signal), watch.lost]);
    } finally {
      watch.end();
    }
  };
}

function createUnresponsiveError(): Unavailable {
  return new Unavailable("graph", new Error("the server is unresponsive"));
}

/** `lost` rejects when `signal` aborts, the server no longer answers, or after `maxOperationMs`, unless the watch was ended before. */
function watchOperation(
  probe: () => Promise<boolean>,
  signal: AbortSignal | undefined,
): { lost: Promise<never>; end: () => void } {
  const start = performance.now();
  let ended = false;
  let timer: NodeJS.Timeout;
  let giveUp: () => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    const check = async () => {
      const isAlive = performance.now() - start < maxOperationMs && (await probe());
      if (!isAlive) return reject(createUnresponsiveError());
      if (!ended) timer = setTimeout(check, probeIntervalMs);
    };
    timer = setTimeout(check, probeIntervalMs);
    giveUp = () => reject(signal?.reason);
    signal?.addEventListener("abort", giveUp);
  });
  return {
    lost,
    end: () => {
      ended = true;
      signal?.removeEventListener("abort", giveUp);
      clearTimeout(timer);
    },
  };
}
