import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

export const run = promisify(execFile);

/** How a server runs: in the foreground, as a process or as a container that a process stands for. */
export interface Recipe {
  command: readonly string[];
  env?: Record<string, string>;
  /** Holds the log and the data of a process; its last segment names the container and its volume. */
  folder: string;
  container: boolean;
  /** Whether the server is ready. */
  answers: () => Promise<boolean>;
  /** Milliseconds until it must be ready. */
  patience: number;
}

/** A running server, which can be started again on the same port and data. */
export interface Handle {
  start(): Promise<void>;
  /** Stops it gracefully, as an operator would. */
  stop(): Promise<void>;
  /** Kills it, like a power cut. */
  kill(): Promise<void>;
  /** Suspends it: connections stay open and nothing is answered, until `thaw`. Processes only, not containers. */
  freeze(): void;
  thaw(): void;
  /** Kills it and removes its data. */
  close(): Promise<void>;
}

const removeProcess = 'kill -KILL $$; rm -rf "$folder"';
const removeContainer =
  'name=$(basename "$folder"); docker rm -f "$name"; docker volume rm -f "$name"; rm -rf "$folder"';

// A server must not outlive its test run, however that ends. A shell starts it and becomes it; a child of that shell reads a pipe from the
// test's process. Its end, while the server still runs, means that the test's process is gone: the server with its data goes too.
const leash =
  'exec 3<&0; folder=$1; remove=$2; shift 2; (read -r word <&3; kill -0 $$ 2>/dev/null && eval "$remove") & exec "$@" </dev/null 3<&-';

function spawnOnLeash(recipe: Recipe): ChildProcess {
  const log = openSync(join(recipe.folder, "server.log"), "a");
  const remove = recipe.container ? removeContainer : removeProcess;
  const child = spawn("sh", ["-c", leash, "leash", recipe.folder, remove, ...recipe.command], {
    env: { ...process.env, ...recipe.env },
    stdio: ["pipe", log, log],
    detached: true, // a Ctrl-C is for the test run; it ends its servers in its own order
  });
  closeSync(log);
  return child;
}

async function whenReady(recipe: Recipe, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + recipe.patience;
  while (!(await recipe.answers())) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      const log = await readFile(join(recipe.folder, "server.log"), "utf8");
      throw new Error(`${recipe.command[0]} did not become ready:\n${log.slice(-2000)}`);
    }
    await delay(100);
  }
}

async function whenGone(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Starts a server and waits until it is ready. If it does not become ready, it is stopped and the error has the end of its log. */
export async function launch(recipe: Recipe): Promise<Handle> {
  const name = recipe.folder.slice(recipe.folder.lastIndexOf("/") + 1);
  let child: ChildProcess | undefined;
  const handle: Handle = {
    async start() {
      child = spawnOnLeash(recipe);
      await whenReady(recipe, child);
    },
    async stop() {
      child?.kill("SIGTERM"); // a container's process passes it on
      if (child) await whenGone(child);
    },
    async kill() {
      if (recipe.container) await run("docker", ["rm", "-f", name]);
      else child?.kill("SIGKILL");
      if (child) await whenGone(child);
    },
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    async close() {
      await handle.kill();
      if (recipe.container) await run("docker", ["volume", "rm", "-f", name]);
      await run("rm", ["-rf", recipe.folder]);
    },
  };
  await handle.start().catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  return handle;
}

/** A port that was free a moment ago, on the loopback address. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
