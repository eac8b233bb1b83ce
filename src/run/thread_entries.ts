/**
 * Where threads begin.
 *
 * @module
 */

import { siblingUrl } from "../runtime/threads.ts";

/** A file that a thread begins with. */
export interface ThreadEntry {
  readonly url: URL;
  /** Never called: it names the file, so that what packs or compiles this package takes it along. */
  readonly load: () => Promise<unknown>;
}

/** Runs handlers. */
export const handlersEntry: ThreadEntry = {
  url: siblingUrl("thread_main", import.meta.url),
  load: () => import("./thread_main.ts"),
};

/** Keeps leases. */
export const keeperEntry: ThreadEntry = {
  url: siblingUrl("keeper_main", import.meta.url),
  load: () => import("./keeper_main.ts"),
};
