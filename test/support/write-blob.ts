import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { streamOf } from "./bytes.ts";

/** A process that writes one blob, for tests to kill or limit: write-blob.ts FOLDER KEY BYTES. Prints the result. */
const [folder = "", key = "", size = ""] = process.argv.slice(2);
const outcome = await filesystemBlobs(folder)
  .write(key, streamOf(Number(size)).source)
  .then(
    () => "written",
    (error: Error) => error.constructor.name,
  );
process.stdout.write(outcome);
