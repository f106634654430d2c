import { connect as connectPlain, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { connect as connectSecure } from "node:tls";
import { Unavailable } from "../../ports/unavailable.ts";

/**
 * Milliseconds: how long an operation goes on before the server is asked whether it lives (and again as long), how long that may take,
 * and how long an operation may last at all. The first two together stay below the 5 seconds in which a store that is away must be noticed.
 */
const patience = { operation: 1_500, answer: 2_500, most: 120_000 };

/** Bolt's magic number and what we would speak; a server answers with four bytes, before any login. */
const greeting = Buffer.from("6060b01700080805000204040000000000000000", "hex");

function open(uri: string): Socket {
  const { protocol, hostname, port } = new URL(uri);
  const host = hostname.replace(/^\[|\]$/g, "");
  const at = { host, port: Number(port || 7687) };
  return protocol.endsWith("+s:") ? connectSecure({ ...at, servername: host }) : connectPlain(at);
}

/** False when nothing comes back in time. A refused connection is an answer too: the operation hears of it by itself. */
function answers(uri: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = open(uri);
    const end = (answered: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    // An answer may be waiting behind the very work that kept this process from reading it: one more turn.
    const timer = setTimeout(() => void turn().then(() => turn().then(() => end(false))), patience.answer);
    socket.once("data", () => end(true));
    socket.on("error", () => end(true));
    socket.write(greeting);
  });
}

/** Runs an operation on the server; `signal` aborts when it was given up, and the caller has been told so. */
export type Watch = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * Gives operations up, with `Unavailable`, when the server has fallen silent: frozen, or cut off without a word. The driver itself would wait
 * for hours. How long a statement takes says nothing, so a server that is asked beside it decides; long work goes on while that answers.
 * While it is silent, an operation asks first. `onSilence` is told once each time.
 */
export function watchSilence(uri: string, onSilence: () => void): Watch {
  let asked: Promise<boolean> | undefined;
  let silent = false;

  const heard = (answered: boolean): boolean => {
    asked = undefined;
    if (!answered && !silent) onSilence();
    silent = !answered;
    return answered;
  };
  const ask = (): Promise<boolean> => {
    asked ??= answers(uri).then(heard);
    return asked;
  };

  return async (work) => {
    if (silent && !(await ask())) throw silence();
    const operation = new AbortController();
    const loss = watchLoss(ask);
    loss.happened.catch((reason) => operation.abort(reason));
    try {
      return await Promise.race([work(operation.signal), loss.happened]);
    } finally {
      loss.end();
    }
  };
}

function silence(): Unavailable {
  return new Unavailable("graph", new Error("the server is silent"));
}

/** `happened` rejects when the server no longer answers, or after far too long, unless the watch ends before. */
function watchLoss(ask: () => Promise<boolean>): { happened: Promise<never>; end: () => void } {
  const start = performance.now();
  let ended = false;
  let timer: NodeJS.Timeout;
  const happened = new Promise<never>((_, reject) => {
    const look = async () => {
      const lives = performance.now() - start < patience.most && (await ask());
      if (!lives) return reject(silence());
      if (!ended) timer = setTimeout(look, patience.operation);
    };
    timer = setTimeout(look, patience.operation);
  });
  return {
    happened,
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}
