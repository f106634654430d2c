import { setTimeout as delay } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { follow } from "../support/events.ts";
import { checkBytes, checkLedger, type Ledger, newLedger, repeat, settle, write } from "../support/load.ts";
import { overNeo4j, type ServiceProcess, startProcess } from "../support/process.ts";
import { seeded } from "../support/seeded.ts";
import { describeEach, freshProject } from "../support/service.ts";

const kills = 20;
const writers = 6;
const engines = [
  { name: "grafeo", missing: false, env: {} },
  { name: "neo4j", missing: !inject("neo4j"), env: overNeo4j() },
];

/** Lets the writers work until `done` writes are acknowledged and `wait` milliseconds more, then kills the service. */
async function round(service: ServiceProcess, ledger: Ledger, name: string, done: number, wait: number) {
  const until = ledger.acknowledged + done;
  let reached: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const working = Array.from({ length: writers }, (_, i) =>
    write(service, ledger, `${name}/${"w".repeat(i + 1)}`, () => ledger.acknowledged >= until && reached()),
  );
  await Promise.race([enough, ...working]);
  await delay(wait);
  await service.end("SIGKILL");
  await Promise.all(working);
}

describeEach(
  engines,
  ({ name }) => `kills of the service on ${name}`,
  ({ name, env }) => {
    it(`${kills} kills at random moments of a load lose no acknowledged write and leave none half done`, async () => {
      const random = seeded(name.length);
      const ledger = newLedger(freshProject());
      const service = await startProcess(env);
      const { head } = await service.data<{ head: string }>("{ head }");
      const hello = () =>
        service.data("mutation ($input: LogVersionInput!) { logVersion(input: $input) { created } }", {
          input: { project: ledger.project, name: "hello" },
        });
      await hello();
      for (let i = 0; i < kills; i++) {
        const blobs = new Set(ledger.blobs.keys());
        await round(service, ledger, `k${i}`, 1 + Math.trunc(random() * 20), Math.trunc(random() * 20));
        await service.start();
        await settle(service, ledger);
        await repeat(service, ledger, 5);
        await checkBytes(
          service,
          ledger.project,
          [...ledger.blobs.keys()].filter((digest) => !blobs.has(digest)),
        );
      }
      const versions = await checkLedger(service, ledger);
      await checkBytes(service, ledger.project, ledger.blobs.keys());
      await hello();
      const delivered = await follow(service.url, { project: ledger.project, after: head }).take(versions + 1);
      expect(delivered.at(-1)?.artifact?.name).toBe("hello");
      expect(new Set(delivered.map((event) => event.version?.id)).size).toBe(versions + 1);
      expect(delivered[0]).toMatchObject({ artifact: { name: "hello" }, version: { number: 1 } });
      expect(ledger.acknowledged).toBeGreaterThan(kills);
    }, 300_000);
  },
);
