import { randomBytes } from "node:crypto";
import { ask } from "./client.ts";
import { measureInterleaved, runConcurrently } from "./measure.ts";
import { openStore, type Store } from "./store.ts";
import { receiveBytes, sendBytes } from "./transfer.ts";

const mebibyte = 2 ** 20;
/** `BENCH_SIZE` takes another size than 1 GiB, in MiB. */
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
  console.log(`${what}: service ${ms(times.service)}, ${ms(times.direct)} beside it, ratio ${ratio} (goal ${goal})`);
}

/** Uploads, and what each turn of them left to be read. */
async function measureUploads({ url, signed }: Store, size: number, many: number) {
  const project = createName();
  const digests: string[][] = [];
  const keys: string[][] = [];
  const times = await measureInterleaved(
    {
      direct: () => {
        const written = Array.from({ length: many }, createName);
        keys.push(written);
        return () =>
          runConcurrently(many, concurrency, async (i) => sendBytes(await signed("PUT", written[i] ?? ""), size));
      },
      service: () => {
        const written: string[] = [];
        digests.push(written);
        return () =>
          runConcurrently(many, concurrency, async (i) => {
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

/** Logs a version of these contents; gives the version's address. */
async function logFiles(url: string, project: string, digests: string[]): Promise<string> {
  const files = digests.map((digest, i) => ({ path: `dir/${i}.bin`, digest }));
  const answer = await ask<{ logVersion: { version: { id: string } } }>(url, logVersion, {
    input: { project, name: "many", files },
  });
  return `${url}/versions/${answer.logVersion.version.id}`;
}

/** Each turn reads the next ones, and after the last of them the first ones again. */
function measureDownloads({ signed }: Store, paths: string[][], keys: string[][]) {
  const nextOf = (sets: string[][]) => {
    let given = 0;
    return () => sets[given++ % sets.length] ?? [];
  };
  const [nextPaths, nextKeys] = [nextOf(paths), nextOf(keys)];
  return measureInterleaved(
    {
      direct: () => {
        const names = nextKeys();
        return () =>
          runConcurrently(names.length, concurrency, async (i) => receiveBytes(await signed("GET", names[i] ?? "")));
      },
      service: () => {
        const addresses = nextPaths();
        return () => runConcurrently(addresses.length, concurrency, (i) => receiveBytes(addresses[i] ?? ""));
      },
    },
    rounds,
    1,
  );
}

async function benchLargeFile(store: Store): Promise<void> {
  const what = `${largeBytes / mebibyte} MiB`;
  const { project, times, digests, keys } = await measureUploads(store, largeBytes, 1);
  report(`${what} up`, 0.9, times);
  const paths = digests.map(([digest]) => [`${store.url}/blobs/${digest}?project=${project}`]);
  report(`${what} down`, 0.9, await measureDownloads(store, paths, keys));
}

async function benchSmallFiles(store: Store): Promise<void> {
  const what = `${smallFileCount} files of ${smallBytes} bytes`;
  const { project, times, digests, keys } = await measureUploads(store, smallBytes, smallFileCount);
  report(`${what} up`, 0.7, times);
  const versions = await Promise.all(digests.map((contents) => logFiles(store.url, project, contents)));
  const paths = versions.map((version) =>
    Array.from({ length: smallFileCount }, (_, i) => `${version}/files/dir/${i}.bin`),
  );
  report(`${what} down, for the first time`, 0.7, await measureDownloads(store, paths, keys));
  // By now the service has them in memory, and MinIO's files are in the system's cache.
  report(`${what} down, again`, 0.7, await measureDownloads(store, paths.slice(0, 1), keys.slice(0, 1)));
  const zip = await measureInterleaved(
    {
      direct: () => () => runConcurrently(smallFileCount, concurrency, (i) => receiveBytes(paths[0]?.[i] ?? "")),
      service: () => () => receiveBytes(`${versions[0]}/archive.zip`),
    },
    rounds,
    1,
  );
  report(`zip of ${smallFileCount} files, beside reading them`, 0.5, zip);
}

/**
 * What the service costs beside S3 itself: the same client, hashing what it sends and reads, through the service and straight to S3; one large file,
 * many small ones, for the first time and again, and those as one zip beside reading them one by one.
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
