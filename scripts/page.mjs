// Builds the page if it is missing or older than its sources.
import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const changedAt = (path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const sources = readdirSync(`${root}web`, { recursive: true }).map((path) => `web/${path}`);
const newest = Math.max(...[...sources, "vite.config.ts", "package-lock.json"].map(changedAt));

if (changedAt("dist/web/index.html") < newest) {
  const { build } = await import("vite");
  await build({ root: `${root}web`, configFile: `${root}vite.config.ts`, logLevel: "warn" });
}
