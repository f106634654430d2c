import { createContentStore } from "./domain/blobs/content-store.ts";
import { findContents } from "./domain/blobs/find-content.ts";
import { collectGarbageJob } from "./domain/blobs/garbage-collection.ts";
import { removeOrphanedObjectsJob } from "./domain/blobs/orphaned-objects.ts";
import { createUploadVerifier, type UploadVerification } from "./domain/blobs/upload-verifier.ts";
import type { Lookups, Ports, Services } from "./domain/core/context.ts";
import { isUnavailable } from "./domain/core/errors.ts";
import { expireOperationsJob } from "./domain/core/expire-operations.ts";
import { createEventLog } from "./domain/events/event-log.ts";
import { trimEventsJob } from "./domain/events/retention.ts";
import { findFilesByPath } from "./domain/files/find-file.ts";
import { findProjects } from "./domain/query/fields.ts";
import { findCandidates } from "./domain/references/resolve-reference.ts";
import { markStaleRunsJob } from "./domain/runs/stale-runs.ts";
import type { SubscriptionServices } from "./domain/subscriptions/subscriptions.ts";
import { createUpstreamWatcher } from "./domain/subscriptions/upstream-watcher.ts";
import { deliverWebhooksJob } from "./domain/webhooks/deliver-webhooks.ts";
import { expireDeliveriesJob } from "./domain/webhooks/expire-deliveries.ts";
import { createBatchedLookup } from "./lib/batch-calls.ts";
import type { Job } from "./lib/job.ts";

/** Every feature with run-time state, created once per process. */
export interface ProcessServices extends Services, SubscriptionServices {
  eventLog: SubscriptionServices["eventLog"];
  uploadVerifier: UploadVerification;
}

/** Receives what services report; each callback gets the failure. */
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
    versions: createBatchedLookup((references) => findCandidates(ports.graph.read, references, null), isUnavailable),
    files: createBatchedLookup((paths) => findFilesByPath(ports, paths), isUnavailable),
    contents: createBatchedLookup((ids) => findContents(ports, ids), isUnavailable),
    projects: createBatchedLookup(findByName, isUnavailable),
  };
}

/** Creates the services over these ports; the event log starts at once, because every write needs it. */
export function createServices(ports: Ports, cacheBytes: number, observer: ServiceObserver): ProcessServices {
  const contentStore = createContentStore(ports, { cacheBytes, reportCorruption: observer.corruption });
  const eventLog = createEventLog(ports, (error) => observer.retrying("event-log", error));
  return {
    lookups: createLookups(ports),
    contentStore,
    uploadVerifier: createUploadVerifier({ ports, services: { contentStore } }, (error) =>
      observer.retrying("verify-uploads", error),
    ),
    eventLog,
    upstreamWatcher: createUpstreamWatcher(ports, eventLog.tail),
  };
}

/** Stops the services and waits for what they have in progress. */
export async function closeServices({ uploadVerifier, eventLog }: ProcessServices): Promise<void> {
  await uploadVerifier.close();
  await eventLog.close();
}

/** The background work of a process. Adding a job is a line here. */
export function createJobs(
  { ports, services }: { ports: Ports; services: ProcessServices },
  { blobGraceMs, eventRetentionMs }: { blobGraceMs: number; eventRetentionMs: number },
  observer: ServiceObserver,
): Job[] {
  return [
    deliverWebhooksJob(ports, services.eventLog.tail, (error) => observer.retrying("deliver-webhooks", error)),
    expireDeliveriesJob(ports),
    collectGarbageJob(ports, blobGraceMs),
    removeOrphanedObjectsJob(ports, blobGraceMs),
    services.uploadVerifier.job,
    trimEventsJob(ports, eventRetentionMs),
    expireOperationsJob(ports),
    markStaleRunsJob({ ports, services }),
  ];
}
