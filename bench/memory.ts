import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { openStore } from "./store.ts";
import { down, up } from "./transfer.ts";

const mebibyte = 2 ** 20;
/** `BENCH_SIZE` takes another size than 5 GiB, in MiB. */
const size = Number(process.env.BENCH_SIZE ?? 5_120) * mebibyte;

/** The memory that a process holds, in MiB. */
export async function memoryOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) / 1_024;
}

/** How much the service's memory grows while a large content comes up and another goes down at once. */
export async function memory(): Promise<void> {
  const store = await openStore();
  try {
    const put = `${store.url}/blobs?project=memory`;
    await up(put, 20 * mebibyte);
    const { digest } = JSON.parse(await up(put, size)) as { digest: string };
    const before = await memoryOf(store.pid);
    let most = before;
    const timer = setInterval(async () => {
      most = Math.max(most, await memoryOf(store.pid));
    }, 200);
    await Promise.all([up(put, size), down(`${store.url}/blobs/${digest}?project=memory`)]);
    clearInterval(timer);
    const growth = Math.round(most - before);
    console.log(`${size / mebibyte} MiB up and down at once: from ${Math.round(before)} MB by ${growth} MB (goal 200)`);
  } finally {
    await store.end();
  }
}
