import { setImmediate as nextTurn } from "node:timers/promises";
import { Unavailable } from "./unavailable.ts";

/**
 * Milliseconds: how long an operation goes on before the server is asked whether it lives (and again as long), and how long that may take.
 * Together they stay below the 5 seconds in which a store that is away must be noticed.
 */
const patience = { operation: 1_500, answer: 2_500 };

/** A server that may fall silent. */
export interface Watched {
  /** Which store its `Unavailable` names. */
  store: Unavailable["store"];
  /** Resolves or rejects when anything at all comes back: a refused connection is an answer too, the operation hears of it by itself. */
  ask(signal: AbortSignal): Promise<unknown>;
  /** Milliseconds that an operation may last at all; for ever when left out. */
  most?: number;
  /** Told once each time that the server falls silent. */
  onSilence(): void;
}

/** Runs an operation on the server; `signal` aborts when it was given up, and the caller has been told so. */
export type Watch = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/** False when nothing comes back in time. */
const answers = ({ ask }: Watched): Promise<boolean> =>
  new Promise((resolve) => {
    const asking = new AbortController();
    const end = (answered: boolean) => {
      clearTimeout(timer);
      resolve(answered);
      asking.abort();
    };
    // An answer may be waiting behind the very work that kept this process from reading it: one more turn.
    const timer = setTimeout(() => void nextTurn().then(() => nextTurn().then(() => end(false))), patience.answer);
    const heard = () => end(true);
    ask(asking.signal).then(heard, heard);
  });

const silence = ({ store }: Watched): Unavailable => new Unavailable(store, new Error("the server is silent"));

/** `happened` rejects when the server no longer answers, or after far too long, unless the watch ends before. */
const watchLoss = (server: Watched, ask: () => Promise<boolean>): { happened: Promise<never>; end: () => void } => {
  const { most = Number.POSITIVE_INFINITY } = server;
  const start = performance.now();
  let ended = false;
  let timer: NodeJS.Timeout;
  const happened = new Promise<never>((_, reject) => {
    const look = async () => {
      const lives = performance.now() - start < most && (await ask());
      if (!lives) return reject(silence(server));
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
};

/**
 * Gives operations up, with `Unavailable`, when the server has fallen silent: frozen, or cut off without a word. Its clients would wait for
 * minutes or hours. How long an operation takes says nothing, so a server that is asked beside it decides; long work goes on while that answers.
 * While it is silent, an operation asks first.
 */
export const watchSilence = (server: Watched): Watch => {
  let asked: Promise<boolean> | undefined;
  let silent = false;

  const heard = (answered: boolean): boolean => {
    asked = undefined;
    if (!answered && !silent) server.onSilence();
    silent = !answered;
    return answered;
  };
  const ask = (): Promise<boolean> => {
    asked ??= answers(server).then(heard);
    return asked;
  };
  return async (work) => {
    if (silent && !(await ask())) throw silence(server);
    const operation = new AbortController();
    const loss = watchLoss(server, ask);
    loss.happened.catch((reason) => operation.abort(reason));
    try {
      return await Promise.race([work(operation.signal), loss.happened]);
    } finally {
      loss.end();
    }
  };
};
