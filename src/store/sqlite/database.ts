/**
 * One connection with its prepared statements.
 *
 * @module
 */

import type { SqliteConnection, SqliteStatement, SqlValue } from "../../runtime/sqlite_driver.ts";

/**
 * LIMIT for a parameter. SQLite plans a statement anew whenever a bare `LIMIT ?`
 * is bound, which costs more than running it; it does not look into a sum.
 */
export const LIMIT = "LIMIT ? + 0";

/** Primary result codes of SQLite that mean: try again, somebody else is at it. */
const BUSY = 5;
const PROTOCOL = 15;

/** A connection whose statements are prepared once and kept. Every call blocks the thread. */
export class Database {
  readonly #connection: SqliteConnection;
  readonly #statements = new Map<string, SqliteStatement>();

  /** @param connection Closed together with this object. */
  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /** Runs a statement for its effect and returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** Runs an INSERT and returns the number of the new row; 0 if a conflict kept it out. */
  insert(sql: string, ...values: SqlValue[]): number {
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return Number(changes) === 0 ? 0 : Number(lastInsertRowid);
  }

  /** Returns the first row. The caller vouches for its shape. */
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return (this.#statement(sql).get(...values) ?? undefined) as Row | undefined;
  }

  /** Returns all rows. The caller vouches for their shape. */
  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** Runs several statements that are used once. */
  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  /** Takes back the open transaction, if there still is one. */
  rollback(): void {
    try {
      this.run("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself, as after a full disk.
    }
  }

  /** Closes the connection. */
  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #statement(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Tells whether a call failed only because another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { errcode } = error as { errcode?: unknown };
  if (typeof errcode === "number") {
    const primary = errcode & 0xff;
    return primary === BUSY || primary === PROTOCOL;
  }
  return /database is locked|locking protocol/.test(error.message);
}
