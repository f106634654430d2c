import { randomBytes } from "node:crypto";
import { ask } from "./client.ts";
import { crowd, interleaved } from "./measure.ts";
import { openStore, type Store } from "./store.ts";
import { down, up } from "./transfer.ts";

const mebibyte = 2 ** 20;
/** `BENCH_SIZE` takes another size than 1 GiB, in MiB. */
const large = Number(process.env.BENCH_SIZE ?? 1_024) * mebibyte;
const small = 10_000;
const count = 1_000;
const atOnce = 16;
const turns = 3;

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
function freshName() {
  return `n-${randomBytes(6).toString("hex")}`;
}

function report(what: string, goal: number, times: { direct: number; service: number }): void {
  const ratio = (times.direct / times.service).toFixed(2);
  const ms = (time: number) => `${Math.round(time)} ms`;
  console.log(`${what}: service ${ms(times.service)}, ${ms(times.direct)} beside it, ratio ${ratio} (goal ${goal})`);
}

/** Uploads, and what each turn of them left to be read. */
async function uploads({ url, signed }: Store, size: number, many: number) {
  const project = freshName();
  const digests: string[][] = [];
  const keys: string[][] = [];
  const times = await interleaved(
    {
      direct: () => {
        const written = Array.from({ length: many }, freshName);
        keys.push(written);
        return () => crowd(many, atOnce, async (i) => up(await signed("PUT", written[i] ?? ""), size));
      },
      service: () => {
        const written: string[] = [];
        digests.push(written);
        return () =>
          crowd(many, atOnce, async (i) => {
            const { digest } = JSON.parse(await up(`${url}/blobs?project=${project}`, size)) as { digest: string };
            written[i] = digest;
          });
      },
    },
    turns,
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
function downloads({ signed }: Store, paths: string[][], keys: string[][]) {
  const nextOf = (sets: string[][]) => {
    let given = 0;
    return () => sets[given++ % sets.length] ?? [];
  };
  const [nextPaths, nextKeys] = [nextOf(paths), nextOf(keys)];
  return interleaved(
    {
      direct: () => {
        const names = nextKeys();
        return () => crowd(names.length, atOnce, async (i) => down(await signed("GET", names[i] ?? "")));
      },
      service: () => {
        const addresses = nextPaths();
        return () => crowd(addresses.length, atOnce, (i) => down(addresses[i] ?? ""));
      },
    },
    turns,
    1,
  );
}

async function largeOne(store: Store): Promise<void> {
  const what = `${large / mebibyte} MiB`;
  const { project, times, digests, keys } = await uploads(store, large, 1);
  report(`${what} up`, 0.9, times);
  const paths = digests.map(([digest]) => [`${store.url}/blobs/${digest}?project=${project}`]);
  report(`${what} down`, 0.9, await downloads(store, paths, keys));
}

async function smallOnes(store: Store): Promise<void> {
  const what = `${count} files of ${small} bytes`;
  const { project, times, digests, keys } = await uploads(store, small, count);
  report(`${what} up`, 0.7, times);
  const versions = await Promise.all(digests.map((contents) => logFiles(store.url, project, contents)));
  const paths = versions.map((version) => Array.from({ length: count }, (_, i) => `${version}/files/dir/${i}.bin`));
  report(`${what} down, for the first time`, 0.7, await downloads(store, paths, keys));
  // By now the service has them in memory, and MinIO's files are in the system's cache.
  report(`${what} down, again`, 0.7, await downloads(store, paths.slice(0, 1), keys.slice(0, 1)));
  const zip = await interleaved(
    {
      direct: () => () => crowd(count, atOnce, (i) => down(paths[0]?.[i] ?? "")),
      service: () => () => down(`${versions[0]}/archive.zip`),
    },
    turns,
    1,
  );
  report(`zip of ${count} files, beside reading them`, 0.5, zip);
}

/**
 * What the service costs beside S3 itself: the same client, hashing what it sends and reads, through the service and straight to S3; one large file,
 * many small ones, for the first time and again, and those as one zip beside reading them one by one.
 */
export async function bytes(): Promise<void> {
  const store = await openStore();
  try {
    await largeOne(store);
    await smallOnes(store);
  } finally {
    await store.end();
  }
}
