import type { ContentCache } from "../../lib/content-cache.ts";
import type { Semaphore } from "../../lib/semaphore.ts";
import type { Project } from "../../model/project.ts";
import type { Upload } from "../../model/upload.ts";
import type { BlobStore } from "../../ports/blob-store.ts";
import type { GraphStore } from "../../ports/graph-store.ts";
import type { WebhookSender } from "../../ports/webhook-sender.ts";
import type { Content, StoredFile } from "./digest.ts";
import type { Actor } from "./permissions.ts";
import type { VersionRow } from "./version-row.ts";
import type { ResolvableReference } from "./version-uri.ts";

/** Limits and places that an administrator sets. */
export interface Settings {
  /** Maximum bytes of one file, and maximum files of one version. */
  maxFileBytes: number;
  maxFiles: number;
  /** Maximum bytes of a project in the blob store; null for no limit. */
  projectBytes: number | null;
  /** URL schemes that a location may have. */
  locationSchemes: string[];
  /** The prefix of locations in the service's own bucket; null where bytes are not on S3. */
  ownLocation: string | null;
}

/** The world outside the domain. Ids and time are ports too, so that two engines can be given the same history. */
export interface Ports {
  graph: GraphStore;
  blobs: BlobStore;
  webhooks: WebhookSender;
  /** A new id, random from its first character. */
  newId: () => string;
  /** Milliseconds since 1970. */
  now: () => number;
  settings: Settings;
}

/** Looks up one item at a time; calls made at the same time, by any request, share one statement. */
export interface Lookups {
  /** The versions that a reference may mean. */
  versions(reference: ResolvableReference): Promise<VersionRow[]>;
  /** A file of the version with this id. */
  files(file: { id: string; path: string }): Promise<StoredFile | undefined>;
  /** A content by its id, `<project>/<digest>`. */
  contents(id: string): Promise<StoredFile | undefined>;
  /** A project by its name. */
  projects(name: string): Promise<Project | null>;
}

/** The state that one process keeps about the bytes it stores. */
export interface ContentStore {
  /** Limits how many contents are written to the blob store at once, because each takes memory. */
  writeSlots: Semaphore;
  /** Small contents that were read lately. */
  cache: ContentCache;
  /** Projects whose stored bytes this process has counted. */
  countedProjects: Set<string>;
  /** Records a content that has been written, and creates its project unless `projectExists`. Resolves with the keys that are referenced from now on. */
  record(written: { project: string; projectExists: boolean; content: Content }): Promise<ReadonlySet<string>>;
  /** Called when stored bytes are missing or differ from what was recorded. */
  reportCorruption(error: Error): void;
}

/** Reads finished uploads back to check their digest. */
export interface UploadVerifier {
  /** Resolves when the upload, claimed by `by`, is COMPLETE or FAILED, or the service ends; failures are retried later. */
  verify(upload: Upload, by: string): Promise<void>;
}

/** The writing end of the event log. */
export interface EventLog {
  /** Called after each commit: events are waiting for their numbers. */
  notify(): void;
  /** Numbers every event that has committed by now; resolves with the last number of the log. */
  flush(): Promise<number>;
}

/** Features with run-time state, one instance per process. */
export interface Services {
  lookups: Lookups;
  contentStore: ContentStore;
  uploadVerifier: UploadVerifier;
  eventLog: EventLog;
}

/** What code that acts for nobody in particular is given: all ports, and the services that it names. */
export interface ServiceContext<Needed extends keyof Services = never> {
  ports: Ports;
  services: Pick<Services, Needed>;
}

/** What a request is given: who asks, all ports, and the services that the function names. */
export interface RequestContext<Needed extends keyof Services = never> extends ServiceContext<Needed> {
  actor: Actor;
}
