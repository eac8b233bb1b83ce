/**
 * The runtime's own SQLite: `node:sqlite`, which Deno, Bun and Node have. It is
 * imported only when a store is opened, since some platforms lack it.
 *
 * @module
 */

/** A value that goes into a statement or comes out of a row. */
export type SqlValue = string | number | null;

/** A prepared statement. */
export interface SqliteStatement {
  /** Runs it for its effect. */
  run(...values: SqlValue[]): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
  /** Runs it and returns the first row. */
  get(...values: SqlValue[]): unknown;
  /** Runs it and returns all rows. */
  all(...values: SqlValue[]): unknown[];
}

/** A connection to one database file. Every call blocks the thread. */
export interface SqliteConnection {
  /** Prepares a statement. */
  prepare(sql: string): SqliteStatement;
  /** Runs statements that return nothing. */
  exec(sql: string): void;
  /** Closes the connection; its statements cannot be used afterwards. */
  close(): void;
}

/** What is found at a path before it is opened. */
export interface PathProbe {
  /** The path made absolute, so that SQLite does not read it as a URI. */
  readonly path: string;
  /** Whether the folder that holds it exists. */
  readonly folderExists: boolean;
  /** Whether this process may write into that folder. */
  readonly folderWritable: boolean;
  /** What is there. */
  readonly kind: "missing" | "file" | "folder" | "other";
  /** Whether this process may read and write it; true if it is missing. */
  readonly writable: boolean;
  /** First bytes of the file, at most 112; empty if it is missing or empty. */
  readonly head: Uint8Array;
  /** Whether SQLite left a write-ahead log with content beside it. */
  readonly hasLog: boolean;
}

/** SQLite as the platform gives it. */
export interface SqliteDriver {
  /** Looks at a path without changing anything. */
  probe(path: string): PathProbe;
  /**
   * Opens a connection, and creates the file if it is missing.
   *
   * @param path Absolute path of the file.
   * @param busyTimeoutMs How long a call may block the thread for a lock.
   */
  connect(path: string, busyTimeoutMs: number): SqliteConnection;
}

/** Bytes that tell whose file it is: the header of SQLite and the head of its first page. */
const HEAD_BYTES = 112;

/** Loads the platform's SQLite; undefined where there is none. */
export async function loadSqliteDriver(): Promise<SqliteDriver | undefined> {
  let sqlite: typeof import("node:sqlite");
  let fs: typeof import("node:fs");
  let paths: typeof import("node:path");
  try {
    [sqlite, fs, paths] = await Promise.all([
      import("node:sqlite"),
      import("node:fs"),
      import("node:path"),
    ]);
    if (typeof sqlite.DatabaseSync !== "function") return undefined;
  } catch {
    return undefined;
  }

  function may(path: string, mode: number): boolean {
    try {
      fs.accessSync(path, mode);
      return true;
    } catch (error) {
      // Any other failure is one of asking: Deno, say, wants a permission for it.
      return !["EACCES", "EPERM", "EROFS"].includes((error as { code?: string }).code ?? "");
    }
  }

  function readHead(path: string): Uint8Array {
    const file = fs.openSync(path, "r");
    try {
      const head = new Uint8Array(HEAD_BYTES);
      return head.subarray(0, fs.readSync(file, head, 0, HEAD_BYTES, 0));
    } finally {
      fs.closeSync(file);
    }
  }

  function probe(given: string): PathProbe {
    const path = paths.resolve(given);
    const folder = paths.dirname(path);
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    const kind = stat === undefined
      ? "missing"
      : stat.isFile()
      ? "file"
      : stat.isDirectory()
      ? "folder"
      : "other";
    const writable = kind === "missing" || may(path, fs.constants.R_OK | fs.constants.W_OK);
    const log = fs.statSync(`${path}-wal`, { throwIfNoEntry: false });
    return {
      path,
      folderExists: fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false,
      folderWritable: may(folder, fs.constants.W_OK | fs.constants.X_OK),
      kind,
      writable,
      head: kind === "file" && writable ? readHead(path) : new Uint8Array(0),
      hasLog: log !== undefined && log.size > 0,
    };
  }

  return {
    probe,
    connect: (path, busyTimeoutMs) => new sqlite.DatabaseSync(path, { timeout: busyTimeoutMs }),
  };
}
