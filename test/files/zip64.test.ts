import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { startProcess } from "../support/process.ts";
import { freshProject } from "../support/service.ts";

// Not part of the default run (vitest.config.ts): this writes 9 GB and takes some minutes.
const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { archiveUrl } } }";
type Logged = { logVersion: { version: { archiveUrl: string } } };
type Service = Awaited<ReturnType<typeof startProcess>>;

/** What Python finds in the archive of a version: number of entries, total bytes, last name, damage. */
async function archived(service: Service, project: string, files: { path: string; digest: string }[]) {
  const input = { project, name: "a", files };
  const { archiveUrl } = (await service.data<Logged>(logVersion, { input })).logVersion.version;
  const folder = await mkdtemp(join(tmpdir(), "pedigree-zip64-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const packed = join(folder, "packed.zip");
  const answer = await fetch(`${service.url}${archiveUrl}`);
  await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(packed));
  const script = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1]); all = z.infolist()
print(json.dumps([len(all), sum(i.file_size for i in all), all[-1].filename, z.testzip()]))
`;
  const { stdout } = await promisify(execFile)("python3", ["-c", script, packed]);
  return JSON.parse(stdout) as unknown;
}

/** Stores `size` zeros without holding them in memory. */
async function putZeros(service: Service, project: string, size: number): Promise<string> {
  const piece = Buffer.alloc(2 ** 20);
  function* zeros() {
    for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
  }
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { "content-length": size };
    const sent = request(`${service.url}/blobs?project=${project}`, { method: "PUT", headers }, (response) =>
      resolve(text(response)),
    );
    sent.on("error", reject);
    pipeline(Readable.from(zeros(), { objectMode: false }), sent).catch(reject);
  });
  return (JSON.parse(answer) as { digest: string }).digest;
}

it("an archive of more than 65,535 files is complete", async () => {
  const count = 65_600;
  const service = await startProcess({ PEDIGREE_MAX_FILES: String(count) });
  const project = freshProject();
  const digest = await service.put(project, "x");
  const files = Array.from({ length: count }, (_, i) => ({ path: `${String(i).padStart(5, "0")}.txt`, digest }));
  expect(await archived(service, project, files)).toEqual([count, count, `${count - 1}.txt`, null]);
}, 300_000);

it("an archive of more than 4 GiB with a file of that size is complete", async () => {
  const size = 2 ** 32 + 10;
  const service = await startProcess();
  const project = freshProject();
  const files = [
    { path: "a.bin", digest: await putZeros(service, project, size) },
    { path: "b.txt", digest: await service.put(project, "x") },
  ];
  expect(await archived(service, project, files)).toEqual([2, size + 1, "b.txt", null]);
}, 600_000);
