/**
 * Stage 5 in SQLite: what running handlers tell.
 *
 * @module
 */

import { MAX_LINE_LENGTH, MAX_LOG_LINES, type Progress } from "../../job/job.ts";
import type { Report } from "../store.ts";
import { encodeText } from "./codec.ts";
import { tellJob } from "./events.ts";
import { IS_PROCESSING, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** The job that a hold stands for, if it is still the latest claim. */
export const HELD_LINES =
  `SELECT n, lane, last_line FROM jobs WHERE id = ? AND fence = ? AND ${IS_PROCESSING}`;
interface HeldLines {
  readonly n: number;
  readonly lane: number;
  readonly last_line: number;
}

/** Removes the oldest lines of a job's log. */
export const CUT_LOG = "DELETE FROM logs WHERE n = ? AND line <= ?";

/** See `SettleStage.report`. */
export function report(tx: Transaction, told: Report): "ok" | "lost" {
  const row = tx.db.get<HeldLines>(HELD_LINES, told.id, told.fence);
  if (row === undefined) return "lost";
  if (told.progress !== undefined) {
    const { value, message } = told.progress;
    const progress: Progress = message === undefined
      ? { value, at: tx.now }
      : { value, message: message.slice(0, MAX_LINE_LENGTH), at: tx.now };
    tx.db.run("UPDATE jobs SET progress = ? WHERE n = ?", JSON.stringify(progress), row.n);
    tellJob(tx, "progress", { ...row, id: told.id }, STATUS_CODE.processing, { value });
  }
  if (told.logs !== undefined && told.logs.length > 0) {
    writeLines(tx, row.n, row.last_line, told.logs.slice(-MAX_LOG_LINES));
  }
  return "ok";
}

function writeLines(tx: Transaction, n: number, last: number, lines: readonly string[]): void {
  let line = last;
  for (const text of lines) {
    line++;
    tx.db.run(
      "INSERT INTO logs (n, line, at, text) VALUES (?, ?, ?, ?)",
      n,
      line,
      tx.now,
      encodeText(text.slice(0, MAX_LINE_LENGTH)),
    );
  }
  tx.db.run("UPDATE jobs SET last_line = ? WHERE n = ?", line, n);
  tx.db.run(CUT_LOG, n, line - MAX_LOG_LINES);
}
