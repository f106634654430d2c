import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { streamOf } from "./bytes.ts";

/** A process that writes one blob, for tests to end it or to limit it: write-blob.ts FOLDER KEY BYTES. Prints what became of it. */
const [folder = "", key = "", size = ""] = process.argv.slice(2);
const outcome = await filesystemBlobs(folder)
  .write(key, streamOf(Number(size)).source)
  .then(
    () => "written",
    (error: Error) => error.constructor.name,
  );
process.stdout.write(outcome);
