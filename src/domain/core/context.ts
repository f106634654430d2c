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

/** Limits and locations that an administrator configures. */
export interface Settings {
  /** Maximum size of a file in bytes, and maximum number of files in a version. */
  maxFileBytes: number;
  maxFiles: number;
  /** Maximum bytes that a project may store; null for no limit. */
  projectBytes: number | null;
  /** URL schemes allowed in the location of a version. */
  locationSchemes: string[];
  /** The prefix of locations in the service's own bucket; null if bytes are not stored in S3. */
  ownLocation: string | null;
}

/** Everything outside the domain. Ids and time are ports too, so that tests can replay one history on two engines. */
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

/** Finds single items; calls made at the same time, by any request, share one statement. */
export interface Lookups {
  /** The versions that a reference matches. */
  versions(reference: ResolvableReference): Promise<VersionRow[]>;
  /** A file of the version with this id. */
  files(file: { id: string; path: string }): Promise<StoredFile | undefined>;
  /** The content with this id, `<project>/<digest>`. */
  contents(id: string): Promise<StoredFile | undefined>;
  /** The project of this name. */
  projects(name: string): Promise<Project | null>;
}

/** What one process keeps in memory about the bytes it stores. */
export interface ContentStore {
  /** Limits how many contents are written to the blob store at the same time, because each takes memory. */
  writeSlots: Semaphore;
  /** Small contents that were read recently. */
  cache: ContentCache;
  /** Projects whose stored bytes this process has already counted. */
  countedProjects: Set<string>;
  /** Records a content that has been written, and creates its project unless `projectExists`. Resolves with the keys that are referenced from now on. */
  record(written: { project: string; projectExists: boolean; content: Content }): Promise<ReadonlySet<string>>;
  /** Reports that the bytes under a key are missing or differ from what was recorded, and marks their content as damaged. Never rejects. */
  reportCorruption(error: Error, key: string): Promise<void>;
}

/** Reads finished uploads back to check their digest. */
export interface UploadVerifier {
  /** Resolves when the upload, claimed by `by`, is COMPLETE or FAILED, or the service stops. An upload that could not be read is retried later. */
  verify(upload: Upload, by: string): Promise<void>;
}

/** The writing end of the event log. */
export interface EventLog {
  /** Tells the log after a commit that events are waiting for their numbers. */
  notify(): void;
  /** Numbers every event that has committed so far; resolves with the last number of the log. */
  flush(): Promise<number>;
}

/** The features that keep state at run time, one instance per process. */
export interface Services {
  lookups: Lookups;
  contentStore: ContentStore;
  uploadVerifier: UploadVerifier;
  eventLog: EventLog;
}

/** What background work receives: all ports, and the services that its type names. */
export interface ServiceContext<Needed extends keyof Services = never> {
  ports: Ports;
  services: Pick<Services, Needed>;
}

/** What a domain function receives: the actor, all ports, and the services that its type names. */
export interface RequestContext<Needed extends keyof Services = never> extends ServiceContext<Needed> {
  actor: Actor;
  /** Aborts when the request ends: it was answered, its client is gone, or its time is up. `ports.graph` runs no statement after that. */
  signal: AbortSignal;
}

/** Loads single items by key; calls made at the same time, by one request, share one statement. */
export interface Loader<T> {
  load(key: string): Promise<T>;
}
