/**
 * What the file is, and how it fares.
 *
 * @module
 */

import type { StoreInfo } from "../store.ts";
import type { Database } from "./database.ts";
import { layoutVersion } from "./layout.ts";

/** Reads what SQLite tells; `latencyMs` is for the caller, who waits for the file. */
export function readInfo(db: Database): Omit<StoreInfo, "latencyMs"> {
  const { version } = db.get<{ version: string }>("SELECT sqlite_version() AS version")!;
  const { page_count: pages } = db.get<{ page_count: number }>("PRAGMA page_count")!;
  const { page_size: size } = db.get<{ page_size: number }>("PRAGMA page_size")!;
  const { synchronous } = db.get<{ synchronous: number }>("PRAGMA synchronous")!;
  const isSafe = synchronous >= 2;
  return {
    kind: "sqlite",
    version,
    layoutVersion: layoutVersion(db),
    sizeBytes: pages * size,
    opsPerSecond: null,
    connections: null,
    uptimeMs: null,
    warnings: isSafe ? [] : ["A loss of power may take the last jobs: set synchronous to 'full'"],
  };
}
