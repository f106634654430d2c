import fc from "fast-check";
import { callsOf, type Seen } from "../support/calls.ts";
import { freshProject, type TestService } from "../support/service.ts";
import type { Maker, VersionFacts } from "./plain-filter.ts";

/** A version as it was answered, with every field that filters use. */
export type Known = Seen & VersionFacts;
export interface Corpus {
  project: string;
  versions: Known[];
}

export const artifacts = ["model", "größe/データ", "Счёт", "a b%"];
const tags = ["gold", "草稿", "x".repeat(300)];
const texts = ["", "alpha", "beta", "Ünïcode", "データ", "ｚ", "5", "true"];
const tagged = [
  { $type: "URI", value: "s3://b/k" },
  { $type: "STORAGE_SIZE", value: 5 },
  { $type: "FLOAT", value: "NaN" },
  { $type: "FLOAT", value: "Infinity" },
  { $type: "FLOAT", value: "-Infinity" },
  { $type: "DATETIME", value: "2026-01-31T12:00:00.000Z" },
];
const plain = fc.oneof(
  fc.constantFrom(-1, 0, 1, 2, 5, 0.5, 1e300, 2 ** 53 - 1),
  fc.constantFrom(...texts),
  fc.constantFrom(true, false, null, [1, 2], [], {}),
);
const value = fc.oneof(plain, fc.constantFrom(...tagged));
function some<T>(from: readonly T[]) {
  return fc.subarray([...from]);
}

const plan = fc.record({
  artifact: fc.constantFrom(...artifacts),
  kind: fc.constantFrom("MODEL", "DATASET", "LINK"),
  named: fc.boolean(),
  tags: some(tags),
  aliases: some(["best", "worst"]),
  labels: fc.uniqueArray(fc.record({ key: fc.constantFrom("team", "層"), value: fc.constantFrom(...texts) }), {
    selector: ({ key }) => key,
  }),
  metadata: fc.record({ a: value, n: fc.oneof(value, fc.record({ x: value })), "d.k": value }, { requiredKeys: [] }),
  description: fc.option(fc.constantFrom(...texts, "Die Größe des Modells", "Описание СЧЁТА", "説明とデータ")),
  where: fc.option(fc.record({ size: fc.option(fc.nat(3)), digest: fc.option(fc.nat(2)) }), { nil: undefined }),
  maker: fc.option(fc.nat(5), { nil: undefined }),
  reader: fc.option(fc.nat(5), { nil: undefined }),
  gone: fc.boolean(),
});

const startRun = "mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }";
const startStep = "mutation ($input: StartStepInput!) { startStep(input: $input) { step { id } } }";
const relate = "mutation ($input: RecordLineageInput!) { recordLineage(input: $input) { execution { id } } }";

async function startMakers(service: TestService, project: string): Promise<Maker[]> {
  const makers: Maker[] = [];
  for (const i of [0, 1, 2]) {
    const of = { runKey: `key-${i}`, runName: `名前 ${i}`, pipeline: `p${i % 2}` };
    const input = { project, name: of.runName, key: of.runKey, pipeline: of.pipeline };
    const runId = (await service.data<{ startRun: { run: { id: string } } }>(startRun, { input })).startRun.run.id;
    makers.push({ ...of, runId, stepId: null, stepName: null });
    const stepName = `step ${i % 2}`;
    const { id } = (
      await service.data<{ startStep: { step: { id: string } } }>(startStep, { input: { run: runId, name: stepName } })
    ).startStep.step;
    makers.push({ ...of, runId, stepId: id, stepName });
  }
  return makers;
}

type Made = Pick<Known, "id" | "artifact" | "kind" | "producedBy" | "consumedBy">;
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

function whereOf(where: Plan["where"], i: number): object {
  return where
    ? {
        location: `s3://b/${i}`,
        size: where.size,
        digest: where.digest === null ? null : `sha256:${String(where.digest).repeat(64)}`,
      }
    : {};
}

async function logOne(service: TestService, project: string, makers: Maker[], given: Plan, i: number): Promise<Made> {
  const { artifact, named, where, maker, reader, gone, ...rest } = given;
  const calls = callsOf(service);
  const producer = makers[maker ?? -1];
  const consumer = makers[reader ?? -1];
  const { id } = await calls.log({
    ...rest,
    ...whereOf(where, i),
    project,
    name: artifact,
    versionName: named ? `v${i}` : null,
    producer: producer && (producer.stepId ? { step: producer.stepId } : { run: producer.runId }),
  });
  if (consumer) {
    await service.data(relate, { input: { execution: consumer.stepId ?? consumer.runId, inputs: [{ version: id }] } });
  }
  if (gone && i % 5 === 0) await calls.remove(id, { force: true });
  else if (i % 7 === 0) await calls.update(id, { labels: { set: [{ key: "late", value: "1" }] } });
  return {
    id,
    artifact,
    kind: given.kind,
    producedBy: producer ? [producer] : [],
    consumedBy: consumer ? [consumer] : [],
  };
}

/** Logs `count` random versions in a fresh project, some of them deleted, and returns all. */
export async function makeCorpus(service: TestService, count: number): Promise<Corpus> {
  const project = freshProject();
  const makers = await startMakers(service, project);
  const made: Made[] = [];
  for (const [i, given] of fc.sample(plan, count).entries())
    made.push(await logOne(service, project, makers, given, i));
  const versions = await Promise.all(
    made.map(
      async (item): Promise<Known> => ({
        ...(await callsOf(service).version(item.id)),
        ...item,
        project,
        author: "local",
      }),
    ),
  );
  return { project, versions };
}
