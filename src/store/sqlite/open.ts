/**
 * From a path to a connection: refuses what is not ours before anything is
 * written, then creates what is missing, or carries an older layout forward.
 *
 * A new file gets its tables and our mark in one transaction while it still has
 * a rollback journal; only then is it switched to a write-ahead log. So the
 * header of the file itself always tells whose it is.
 *
 * @module
 */

import { show } from "../../errors.ts";
import { loadSqliteDriver, type PathProbe } from "../../runtime/sqlite_driver.ts";
import { StoreOpenError, StoreVersionError } from "../errors.ts";
import { Database, isBusy } from "./database.ts";
import { carryForward, LAYOUT, type Layout, layoutState } from "./layout.ts";
import { APPLICATION_ID } from "./schema.ts";

/** When a commit is safe: `full` survives power loss, `normal` a crash of the process. */
export type Synchronous = "full" | "normal";

/** How a file is opened. */
export interface OpenDatabaseOptions {
  readonly path: string;
  readonly synchronous: Synchronous;
  /** Runs a function again while the file is locked. */
  readonly retry: <T>(run: () => T) => Promise<T>;
  /** The layout that the file is to have. @default {that of this version} */
  readonly layout?: Layout;
}

/** How long a call may block the thread for a lock; longer waits are for timers. */
const BLOCKING_MS = 5;
/** The log is cut back to this size when it has been written into the file. */
const LARGEST_LOG_BYTES = 64 * 1024 * 1024;

const MAGIC = "SQLite format 3\0";
/** Places in the header and, from 100 on, in the page that holds the list of tables. */
const APPLICATION_ID_AT = 68;
const PAGE_TYPE_AT = 100;
const CELL_COUNT_AT = 103;
const LEAF_PAGE = 13;

/**
 * Opens a store's file.
 *
 * @throws {StoreOpenError} If the platform has no SQLite, or the path cannot be ours.
 * @throws {StoreVersionError} If the file's layout is newer, or too old.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { path, synchronous, retry, layout = LAYOUT } = options;
  const driver = await loadSqliteDriver();
  if (driver === undefined) {
    throw refusal(
      "this platform must have the module 'node:sqlite'",
      path,
      "run on Deno, Bun or Node 24, or use another store",
    );
  }
  const probe = examine(() => driver.probe(path), path);
  checkPath(probe, path);
  checkHead(probe, path);
  let db: Database | undefined;
  try {
    const opened = db = new Database(driver.connect(probe.path, BLOCKING_MS));
    await retry(() => prepareTables(opened, path, layout));
    await retry(() => useLog(opened, path));
    opened.exec(`PRAGMA synchronous = ${synchronous}`);
    opened.exec(`PRAGMA journal_size_limit = ${LARGEST_LOG_BYTES}`);
    return opened;
  } catch (error) {
    db?.close();
    if (error instanceof StoreOpenError || error instanceof StoreVersionError) throw error;
    if (db !== undefined && isOther(error)) throw error;
    throw refusal("SQLite must be able to open it", path, "see the cause", error);
  }
}

function refusal(rule: string, path: string, advice: string, cause?: unknown): StoreOpenError {
  const why = cause instanceof Error ? `${advice}: ${cause.message}` : advice;
  return new StoreOpenError(
    `Cannot open store as ${rule}: current value is ${show(path)}; ${why}`,
    cause === undefined ? undefined : { cause },
  );
}

function examine(probe: () => PathProbe, path: string): PathProbe {
  try {
    return probe();
  } catch (error) {
    throw refusal("its path must be readable", path, "give this process the permission", error);
  }
}

function checkPath(probe: PathProbe, path: string): void {
  if (!probe.folderExists) {
    throw refusal("its folder must exist", path, "create the folder or name another file");
  }
  if (probe.kind === "folder") {
    throw refusal("its path must not be a directory", path, "name a file in it, such as gqm.db");
  }
  if (probe.kind === "other") {
    throw refusal("its path must be a regular file", path, "name another file");
  }
  if (!probe.writable) {
    throw refusal("its file must be readable and writable", path, "change its permissions");
  }
  if (!probe.folderWritable) {
    throw refusal(
      "its folder must be writable, since SQLite keeps its log there",
      path,
      "change the folder's permissions or name another file",
    );
  }
}

/** Refuses a file that is not ours by its first bytes, without opening it as a database. */
function checkHead({ head, hasLog }: PathProbe, path: string): void {
  if (head.length === 0) return;
  if (new TextDecoder("latin1").decode(head.subarray(0, MAGIC.length)) !== MAGIC) {
    throw refusal("its file must be a SQLite database", path, "name another file");
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < CELL_COUNT_AT + 2) throw foreign(path);
  const id = view.getUint32(APPLICATION_ID_AT);
  if (id === APPLICATION_ID) return;
  const isEmpty = head[PAGE_TYPE_AT] === LEAF_PAGE && view.getUint16(CELL_COUNT_AT) === 0;
  if (id !== 0 || !isEmpty || hasLog) throw foreign(path);
}

function foreign(path: string): StoreOpenError {
  return refusal(
    "its file must not belong to another program",
    path,
    "nothing was changed; name another file",
  );
}

/** Refuses what somebody may have made of the file since its first bytes were read. */
function stateOf(db: Database, path: string, layout: Layout): "new" | "older" | "current" {
  const { application_id: id } = db.get<{ application_id: number }>("PRAGMA application_id")!;
  if (id === APPLICATION_ID) return layoutState(db, `sqlite:${path}`, layout);
  const { n } = db.get<{ n: number }>("SELECT count(*) AS n FROM sqlite_master")!;
  if (id !== 0 || n > 0) throw foreign(path);
  return "new";
}

/**
 * Fills a new file, or carries one of an older layout forward. Of several processes that do so at
 * once one does it, and the others find it done.
 */
function prepareTables(db: Database, path: string, layout: Layout): void {
  // Read in a transaction: between two statements another process may fill the file.
  if (inTransaction(db, "BEGIN", () => stateOf(db, path, layout)) === "current") return;
  inTransaction(db, "BEGIN EXCLUSIVE", () => {
    const state = stateOf(db, path, layout);
    if (state === "older") carryForward(db, layout);
    if (state !== "new") return;
    db.exec(layout.schema);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${layout.version}`);
  });
}

function inTransaction<T>(db: Database, begin: string, work: () => T): T {
  db.run(begin);
  try {
    const result = work();
    db.run("COMMIT");
    return result;
  } catch (error) {
    db.rollback();
    throw error;
  }
}

function useLog(db: Database, path: string): void {
  const mode = db.get<{ journal_mode: string }>("PRAGMA journal_mode = WAL")?.journal_mode;
  if (mode === "wal") return;
  throw refusal(
    "its file system must support SQLite's write-ahead log",
    path,
    "name a file on a local disk",
  );
}

/** Errors that say nothing about the path: the file stayed locked, or we were closed meanwhile. */
function isOther(error: unknown): boolean {
  return isBusy(error) || error instanceof Error && "code" in error &&
      (error.code === "STORE_BUSY" || error.code === "STORE_CLOSED");
}
