import type { ContentCache } from "../../lib/content-cache.ts";
import type { Semaphore } from "../../lib/semaphore.ts";
import type { Project } from "../../model/project.ts";
import type { Upload } from "../../model/upload.ts";
import type { BlobStore } from "../../ports/blob-store.ts";
import type { GraphStore } from "../../ports/graph-store.ts";
import type { WebhookSender } from "../../ports/webhook-sender.ts";
import type { ResolvableReference } from "../references/parse-reference.ts";
import type { Content, StoredFile } from "./digest.ts";
import type { VersionRow } from "./rows.ts";

/** What every domain function works with; made once, in the composition root. */
export interface Deps {
  graph: GraphStore;
  blobs: BlobStore;
  /** A new id, random from its first character. Handed in, so that two engines can be given the same history. */
  newId: () => string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Told after each commit that events are waiting for their numbers. */
  nudge: () => void;
  /** Numbers the events that have committed by now; resolves with the log's end. */
  settle: () => Promise<number>;
  /** Reads an upload back; resolves when it is COMPLETE or FAILED, or the service ends. */
  verify: (upload: Upload, by: string) => Promise<void>;
  /** Told of bytes in the store that are missing, or aren't those that were stored. */
  damaged: (error: Error) => void;
  /** Sends what webhooks tell. */
  webhooks: WebhookSender;
  /** Limits how many contents are written to the store at once, by the memory that they take. */
  writing: Semaphore;
  /** Small contents that were read lately. */
  recent: ContentCache;
  /** Records a content that is in the store now, with its project unless that is there; gives the keys that are in use from now on, its own or not. */
  keeping: (written: { project: string; isThere: boolean; content: Content }) => Promise<ReadonlySet<string>>;
  /** Looks up one thing at a time, for all that ask at the same time in one statement. */
  lookups: {
    /** What a reference may mean. */
    versions: (sought: ResolvableReference) => Promise<VersionRow[]>;
    /** A file of the version with this id. */
    files: (asked: { id: string; path: string }) => Promise<StoredFile | undefined>;
    /** A content by its id. */
    contents: (id: string) => Promise<StoredFile | undefined>;
    /** A project by its name. */
    projects: (name: string) => Promise<Project | null>;
  };
  /** Projects whose bytes this process has counted. */
  counted: Set<string>;
  settings: {
    /** Bytes that one file may have, and files that one version may. */
    maxFileBytes: number;
    maxFiles: number;
    /** Bytes that a project may have in the store; null for no limit. */
    projectBytes: number | null;
    /** How locations may begin. */
    locationSchemes: string[];
    /** How a location in the service's own bucket begins; null where there is none. */
    ownLocation: string | null;
  };
}
