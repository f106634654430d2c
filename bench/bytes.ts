import { randomBytes } from "node:crypto";
import { ask } from "./client.ts";
import { measureInterleaved, runConcurrently } from "./measure.ts";
import { openStore, type Store } from "./store.ts";
import { receiveBytes, sendBytes } from "./transfer.ts";

const mebibyte = 2 ** 20;
/** 1 GiB, or as many MiB as `BENCH_SIZE` says. */
const largeBytes = Number(process.env.BENCH_SIZE ?? 1_024) * mebibyte;
const smallBytes = 10_000;
const smallFileCount = 1_000;
const concurrency = 16;
const rounds = 3;

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
function createName() {
  return `n-${randomBytes(6).toString("hex")}`;
}

function report(what: string, goal: number, times: { direct: number; service: number }): void {
  const ratio = (times.direct / times.service).toFixed(2);
  const ms = (time: number) => `${Math.round(time)} ms`;
  console.log(`${what}: service ${ms(times.service)}, S3 itself ${ms(times.direct)}, ratio ${ratio} (goal ${goal})`);
}

/** Measures uploads; resolves with the times and what each round stored. */
async function measureUploads({ url, signed }: Store, size: number, count: number) {
  const project = createName();
  const digests: string[][] = [];
  const keys: string[][] = [];
  const times = await measureInterleaved(
    {
      direct: () => {
        const written = Array.from({ length: count }, createName);
        keys.push(written);
        return () =>
          runConcurrently(count, concurrency, async (i) => sendBytes(await signed("PUT", written[i] ?? ""), size));
      },
      service: () => {
        const written: string[] = [];
        digests.push(written);
        return () =>
          runConcurrently(count, concurrency, async (i) => {
            const { digest } = JSON.parse(await sendBytes(`${url}/blobs?project=${project}`, size)) as {
              digest: string;
            };
            written[i] = digest;
          });
      },
    },
    rounds,
    1,
  );
  return { project, times, digests, keys };
}

/** Logs a version of these contents; resolves with the version's URL. */
async function logFiles(url: string, project: string, digests: string[]): Promise<string> {
  const files = digests.map((digest, i) => ({ path: `dir/${i}.bin`, digest }));
  const answer = await ask<{ logVersion: { version: { id: string } } }>(url, logVersion, {
    input: { project, name: "many", files },
  });
  return `${url}/versions/${answer.logVersion.version.id}`;
}

/** Each round reads the next set; after the last one, the first set again. */
function measureDownloads({ signed }: Store, paths: string[][], keys: string[][]) {
  const cycle = (sets: string[][]) => {
    let round = 0;
    return () => sets[round++ % sets.length] ?? [];
  };
  const [nextPaths, nextKeys] = [cycle(paths), cycle(keys)];
  return measureInterleaved(
    {
      direct: () => {
        const names = nextKeys();
        return () =>
          runConcurrently(names.length, concurrency, async (i) => receiveBytes(await signed("GET", names[i] ?? "")));
      },
      service: () => {
        const urls = nextPaths();
        return () => runConcurrently(urls.length, concurrency, (i) => receiveBytes(urls[i] ?? ""));
      },
    },
    rounds,
    1,
  );
}

async function benchLargeFile(store: Store): Promise<void> {
  const what = `${largeBytes / mebibyte} MiB`;
  const { project, times, digests, keys } = await measureUploads(store, largeBytes, 1);
  report(`upload of ${what}`, 0.9, times);
  const paths = digests.map(([digest]) => [`${store.url}/blobs/${digest}?project=${project}`]);
  report(`download of ${what}`, 0.9, await measureDownloads(store, paths, keys));
}

async function benchSmallFiles(store: Store): Promise<void> {
  const what = `${smallFileCount} files of ${smallBytes} bytes`;
  const { project, times, digests, keys } = await measureUploads(store, smallBytes, smallFileCount);
  report(`upload of ${what}`, 0.7, times);
  const versions = await Promise.all(digests.map((contents) => logFiles(store.url, project, contents)));
  const paths = versions.map((version) =>
    Array.from({ length: smallFileCount }, (_, i) => `${version}/files/dir/${i}.bin`),
  );
  report(`first download of ${what}`, 0.7, await measureDownloads(store, paths, keys));
  // Now the service has them in memory, and the operating system has MinIO's files in its cache.
  report(`second download of ${what}`, 0.7, await measureDownloads(store, paths.slice(0, 1), keys.slice(0, 1)));
  const zip = await measureInterleaved(
    {
      direct: () => () => runConcurrently(smallFileCount, concurrency, (i) => receiveBytes(paths[0]?.[i] ?? "")),
      service: () => () => receiveBytes(`${versions[0]}/archive.zip`),
    },
    rounds,
    1,
  );
  report(`zip of ${smallFileCount} files, compared with reading them one by one`, 0.5, zip);
}

/**
 * Compares the service with S3 itself: the same client sends and reads bytes, hashing them, through the service and directly. One large file, then many
 * small ones, read twice, and the small ones as one zip compared with reading them one by one.
 */
export async function benchBytes(): Promise<void> {
  const store = await openStore();
  try {
    await benchLargeFile(store);
    await benchSmallFiles(store);
  } finally {
    await store.end();
  }
}
