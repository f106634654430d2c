import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Starts the built service as its own process, as in production, so that the benchmark's own work does not slow it down. With `BENCH_PROFILE` set it
 * writes a CPU profile to the working directory.
 */
export async function startServiceProcess(env: Record<string, string>): Promise<{ url: string; child: ChildProcess }> {
  const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
  const child = spawn(process.execPath, [...(process.env.BENCH_PROFILE ? ["--cpu-prof"] : []), main], {
    env: { PATH: process.env.PATH, ...env, PORT: "0", LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
      const address = /is up at (\S+)/.exec(output)?.[1];
      if (address) resolve(address);
    });
    child.once("exit", () => reject(new Error("the service did not start")));
  });
  return { url, child };
}
