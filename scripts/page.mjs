// Builds the page when it is missing or older than what it is made from, and otherwise does nothing.
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
