import { createContentStore } from "./domain/blobs/content-store.ts";
import { findContents } from "./domain/blobs/find-content.ts";
import { collectGarbageJob } from "./domain/blobs/garbage-collection.ts";
import { removeOrphanedObjectsJob } from "./domain/blobs/orphaned-objects.ts";
import { createUploadVerifier, type UploadVerification } from "./domain/blobs/verification.ts";
import type { Lookups, Ports, ServiceContext, Services } from "./domain/core/context.ts";
import { isUnavailable } from "./domain/core/errors.ts";
import { expireOperationsJob } from "./domain/core/expire-operations.ts";
import { type EventTail, startEventTail } from "./domain/events/event-tail.ts";
import { trimEventsJob } from "./domain/events/retention.ts";
import { findFilesByPath } from "./domain/files/downloads.ts";
import { findProjects } from "./domain/query/fields.ts";
import { findCandidates } from "./domain/references/resolve-reference.ts";
import { markStaleRunsJob } from "./domain/runs/stale-runs.ts";
import { createUpstreamWatcher, type UpstreamWatcher } from "./domain/subscriptions/upstream-watcher.ts";
import { deliverWebhooksJob, expireDeliveriesJob } from "./domain/webhooks/deliver-webhooks.ts";
import { createBatchedLookup } from "./lib/batch-calls.ts";
import type { Job } from "./lib/job.ts";

/** Every feature with run-time state, created once per process. */
export interface ProcessServices extends ServiceContext<keyof Services> {
  tail: EventTail;
  upstreams: UpstreamWatcher;
  verification: UploadVerification;
}

/** What services report; each callback gets the failure. */
export interface ServiceObserver {
  corruption(error: Error): void;
  /** A part of the service failed and will try again. */
  retrying(part: string, error: unknown): void;
}

function createLookups(ports: Pick<Ports, "graph">): Lookups {
  const findByName = async (names: string[]) => {
    const found = new Map((await findProjects(ports, names)).map((project) => [project?.name, project]));
    return (name: string) => found.get(name) ?? null;
  };
  return {
    versions: createBatchedLookup((all) => findCandidates(ports.graph.read, all, null), isUnavailable),
    files: createBatchedLookup((all) => findFilesByPath(ports, all), isUnavailable),
    contents: createBatchedLookup((ids) => findContents(ports, ids), isUnavailable),
    projects: createBatchedLookup(findByName, isUnavailable),
  };
}

/** Creates the services over these ports; the event log starts at once, because every write needs it. */
export function createServices(ports: Ports, cacheBytes: number, observer: ServiceObserver): ProcessServices {
  const contentStore = createContentStore(ports, { cacheBytes, reportCorruption: observer.corruption });
  const tail = startEventTail(ports, (error) => observer.retrying("event log", error));
  const verification = createUploadVerifier({ ports, services: { contentStore } }, (error) =>
    observer.retrying("verify-uploads", error),
  );
  const services: Services = {
    lookups: createLookups(ports),
    contentStore,
    uploadVerifier: verification,
    eventLog: tail,
  };
  return { ports, services, tail, upstreams: createUpstreamWatcher(ports, tail), verification };
}

/** The background work of a process. Adding a job is a line here. */
export function createJobs(
  process: ProcessServices,
  { blobGrace, eventRetention }: { blobGrace: number; eventRetention: number },
  observer: ServiceObserver,
): Job[] {
  const { ports, tail, verification } = process;
  return [
    deliverWebhooksJob(ports, tail, (error) => observer.retrying("deliver-webhooks", error)),
    expireDeliveriesJob(ports),
    collectGarbageJob(ports, blobGrace),
    removeOrphanedObjectsJob(ports, blobGrace),
    verification.job,
    trimEventsJob(ports, eventRetention),
    expireOperationsJob(ports),
    markStaleRunsJob(process),
  ];
}
