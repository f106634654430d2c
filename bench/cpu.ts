import { readFile } from "node:fs/promises";

/** A clock tick of the kernel, in milliseconds. */
const clockTickMs = 10;

/** The CPU time that a process took so far, in milliseconds; null where the system doesn't tell (it does on Linux). */
export async function readCpuTime(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // After the name, which may hold anything: the 12th and 13th fields from there are user and system time.
  const [, user = 0, system = 0] = /^.*\) (?:\S+ ){11}(\d+) (\d+) /s.exec(stat ?? "") ?? [];
  return stat === null ? null : (Number(user) + Number(system)) * clockTickMs;
}
