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

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
const freshName = () => `n-${randomBytes(6).toString("hex")}`;

const report = (what: string, goal: number, times: { direct: number; service: number }): void => {
  const ratio = (times.direct / times.service).toFixed(2);
  const ms = (time: number) => `${Math.round(time)} ms`;
  console.log(`${what}: service ${ms(times.service)}, ${ms(times.direct)} beside it, ratio ${ratio} (goal ${goal})`);
};

/** Uploads, and what of them is there to be read. */
const uploads = async ({ url, signed }: Store, size: number, many: number, turns: number) => {
  const project = freshName();
  const kept = { digests: [] as string[], keys: [] as string[] };
  const times = await interleaved(
    {
      direct: () => async () => {
        kept.keys = Array.from({ length: many }, freshName);
        await crowd(many, atOnce, async (i) => up(await signed("PUT", kept.keys[i] ?? ""), size));
      },
      service: () => async () => {
        kept.digests = [];
        await crowd(many, atOnce, async (i) => {
          const { digest } = JSON.parse(await up(`${url}/blobs?project=${project}`, size)) as { digest: string };
          kept.digests[i] = digest;
        });
      },
    },
    turns,
    1,
  );
  return { project, times, ...kept };
};

const versionOf = async (url: string, project: string, digests: string[]): Promise<string> => {
  const files = digests.map((digest, i) => ({ path: `dir/${i}.bin`, digest }));
  const answer = await ask<{ logVersion: { version: { id: string } } }>(url, logVersion, {
    input: { project, name: "many", files },
  });
  return answer.logVersion.version.id;
};

const downloads = ({ signed }: Store, paths: string[], keys: string[], turns: number) =>
  interleaved(
    {
      direct: () => () => crowd(keys.length, atOnce, async (i) => down(await signed("GET", keys[i] ?? ""))),
      service: () => () => crowd(paths.length, atOnce, (i) => down(paths[i] ?? "")),
    },
    turns,
    1,
  );

/**
 * What the service costs beside S3 itself: the same client, hashing what it sends and reads, through the service and straight to S3; one large file,
 * many small ones, and those as one zip beside reading them one by one.
 */
export const bytes = async (): Promise<void> => {
  const store = await openStore();
  try {
    const one = await uploads(store, large, 1, 3);
    report(`${large / mebibyte} MiB up`, 0.9, one.times);
    const path = `${store.url}/blobs/${one.digests[0]}?project=${one.project}`;
    report(`${large / mebibyte} MiB down`, 0.9, await downloads(store, [path], one.keys, 3));
    const many = await uploads(store, small, count, 3);
    report(`${count} files of ${small} bytes up`, 0.7, many.times);
    const id = await versionOf(store.url, many.project, many.digests);
    const paths = many.digests.map((_, i) => `${store.url}/versions/${id}/files/dir/${i}.bin`);
    report(`${count} files of ${small} bytes down`, 0.7, await downloads(store, paths, many.keys, 3));
    const zip = await interleaved(
      {
        direct: () => () => crowd(count, atOnce, (i) => down(paths[i] ?? "")),
        service: () => () => down(`${store.url}/versions/${id}/archive.zip`),
      },
      3,
      1,
    );
    report(`zip of ${count} files, beside reading them`, 0.5, zip);
  } finally {
    await store.end();
  }
};
