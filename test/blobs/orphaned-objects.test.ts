import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { grafeoStore } from "../../src/adapters/grafeo/graph-store.ts";
import { s3Blobs } from "../../src/adapters/s3/blob-store.ts";
import { removeOrphanedObjects } from "../../src/domain/blobs/orphaned-objects.ts";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { describeEach, engines, freshProject, startTestService, type TestService } from "../support/service.ts";

const hour = 3_600_000;
const grace = 24 * hour;
const s3 = inject("s3");
const bucket = "pedigree-leftovers";
const prefix = freshProject();

const places = [
  { place: "the local disk", engine: engines[0], missing: false, own: null },
  { place: "S3", engine: engines[1], missing: engines[1].missing || !s3, own: `s3://${bucket}/${prefix}/` },
];

describeEach(
  places,
  ({ place }) => `orphaned objects on ${place}`,
  ({ engine, own }) => {
    let folder: string;
    let graph: GraphStore;
    let blobs: BlobStore;
    let service: TestService;
    const ids = new Set<GraphStore>();
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "pedigree-leftovers-"));
      graph = await engine.open();
      blobs = own && s3 ? s3Blobs({ ...s3, bucket, prefix }) : filesystemBlobs(folder);
      const env: Record<string, string> =
        own && s3
          ? {
              PEDIGREE_BLOBS: own.slice(0, -1),
              S3_ENDPOINT: s3.endpoint,
              S3_ACCESS_KEY: s3.accessKey,
              S3_SECRET_KEY: s3.secretKey,
            }
          : {};
      service = await startTestService(engine, env, { graph, blobs });
    });
    afterAll(async () => {
      await service.close();
      for (const other of ids) await other.close();
      await rm(folder, { recursive: true });
    });
    const write = async (key: string) => {
      await blobs.write(key, Readable.from([Buffer.from("left")]));
      return key;
    };
    const sweepIn = (ms: number, of: GraphStore = graph) =>
      removeOrphanedObjects(
        { graph: of, blobs, newId: randomUUID, now: () => Date.now() + ms, settings: { ownLocation: own } },
        grace,
      );
    const keys = async () => {
      const found: string[] = [];
      for await (const { key } of blobs.list()) found.push(key);
      return found.sort();
    };

    it("orphaned objects are removed once they are old, and nothing else is", async () => {
      const project = freshProject();
      await service.put(project, "kept");
      const begin =
        "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { id parts { url } } } }";
      await service.data(begin, { input: { project, size: 4 } });
      const before = await keys();
      expect(before).toHaveLength(1);
      const [left, theirs, elsewhere] = [
        await write(`${project}/${randomUUID()}`),
        await write(`${project}/notes.txt`),
        await write(`${project}/${randomUUID()}`),
      ];
      if (own) {
        const input = { project, name: "theirs", location: `${own}${elsewhere}` };
        await service.data("mutation ($i: LogVersionInput!) { logVersion(input: $i) { created } }", { i: input });
      }
      const leftovers = own ? [left] : [left, elsewhere];
      expect(await sweepIn(grace + hour - 60_000)).toBe(0);
      expect(await sweepIn(grace + 2 * hour)).toBe(leftovers.length);
      const wanted = [...before, theirs, ...(own ? [elsewhere] : []), "graph.id"].sort();
      expect(await keys()).toEqual(wanted);
    });

    it("a service whose graph is not that of the store removes nothing from it", async () => {
      await sweepIn(0);
      const left = await write(`${freshProject()}/${randomUUID()}`);
      const other = await grafeoStore({});
      ids.add(other);
      expect(await sweepIn(100 * grace, other)).toBe(0);
      expect(await keys()).toContain(left);
      expect(await sweepIn(100 * grace)).toBe(1);
    });
  },
);
