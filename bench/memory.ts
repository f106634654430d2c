import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { openStore } from "./store.ts";
import { receiveBytes, sendBytes } from "./transfer.ts";

const mebibyte = 2 ** 20;
/** 5 GiB, or as many MiB as `BENCH_SIZE` says. */
const bytes = Number(process.env.BENCH_SIZE ?? 5_120) * mebibyte;

/** The resident memory of a process, in MiB. */
export async function readMemory(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) / 1_024;
}

/** How much the service's memory grows while one large content is uploaded and another one downloaded. */
export async function benchMemory(): Promise<void> {
  const store = await openStore();
  try {
    const put = `${store.url}/blobs?project=memory`;
    await sendBytes(put, 20 * mebibyte);
    const { digest } = JSON.parse(await sendBytes(put, bytes)) as { digest: string };
    const before = await readMemory(store.pid);
    let peak = before;
    const timer = setInterval(async () => {
      peak = Math.max(peak, await readMemory(store.pid));
    }, 200);
    await Promise.all([sendBytes(put, bytes), receiveBytes(`${store.url}/blobs/${digest}?project=memory`)]);
    clearInterval(timer);
    const growth = Math.round(peak - before);
    console.log(
      `${bytes / mebibyte} MiB uploaded and downloaded concurrently: memory grew from ${Math.round(before)} MB by ${growth} MB (goal 200)`,
    );
  } finally {
    await store.end();
  }
}
