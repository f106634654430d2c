import { readFile } from "node:fs/promises";

/** The length of the kernel's clock tick. */
const clockTickMs = 10;

/** The CPU time that a process has used, in milliseconds; null on systems without `/proc`. */
export async function readCpuTime(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // User and system time are the 12th and 13th fields after the name, which may hold any characters.
  const [, user = 0, system = 0] = /^.*\) (?:\S+ ){11}(\d+) (\d+) /s.exec(stat ?? "") ?? [];
  return stat === null ? null : (Number(user) + Number(system)) * clockTickMs;
}
