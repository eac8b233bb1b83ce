/**
 * Records that cannot be read: the job fails, so that it can be looked at,
 * retried and removed.
 *
 * @module
 */

import type { JobSettings } from "../../job/job.ts";
import type { Problem } from "../check_walk.ts";
import { keepMs } from "../retention.ts";
import { statusOf } from "./codec.ts";
import type { CheckedRow } from "./doctor_jobs.ts";
import type { DoctorView } from "./doctor_view.ts";
import { finish } from "./finish.ts";
import { tellChildren } from "./graph.ts";
import { IS_FINAL, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** What of a job's record cannot be read. */
interface Damage {
  /** What is wrong, for people. */
  readonly text: string;
  /** Writes what stands for nothing in its place. */
  readonly clear: string;
  /** Whether the job can run without it. */
  readonly isSmall: boolean;
}

/** Characters of a damaged text that are told. */
const SHOWN = 200;

const KNOWN: ReadonlySet<number> = new Set(Object.values(STATUS_CODE));
const CLEAR_STATUS = `UPDATE jobs SET status = ${STATUS_CODE.deferred} WHERE n = ?`;
const CLEAR_PAYLOAD = "UPDATE jobs SET payload = 'null' WHERE n = ?";

/** What of a job cannot be read. */
export function checkBroken(view: DoctorView, row: CheckedRow): Problem[] {
  const damages = damagesOf(row);
  if (damages.length === 0) return [];
  const { id, status } = row;
  const known = KNOWN.has(status);
  const text = damages.map((damage) => damage.text).join("; ");
  const mend = view.mend((tx) => {
    for (const { clear } of damages) tx.db.run(clear, row.n);
    if (known && (IS_FINAL.has(status) || damages.every(({ isSmall }) => isSmall))) return;
    if (!known) tx.tally.add(row.lane, STATUS_CODE.deferred, 1);
    fail(tx, known ? row : { ...row, status: STATUS_CODE.deferred }, text);
  });
  return [{
    kind: "broken_record",
    id,
    text: known ? `As ${statusOf(status)}: ${text}` : text,
    mend,
  }];
}

function damagesOf(row: CheckedRow): Damage[] {
  const damages: Damage[] = [];
  const damaged = (text: string, clear: string, isSmall = false): void => {
    damages.push({ text, clear, isSmall });
  };
  if (!KNOWN.has(row.status)) damaged(`Its status is ${row.status}, which is none`, CLEAR_STATUS);
  if (row.has_payload === 0) damaged("Its payload is lost", CLEAR_PAYLOAD);
  const check = (column: Column, isRight: (value: unknown) => boolean, isSmall: boolean): void => {
    const json = row[column];
    if (json === null || isRight(parse(json))) return;
    const text = `Its ${column} cannot be read: ${json.slice(0, SHOWN)}`;
    damaged(text, `UPDATE jobs SET ${column} = NULL WHERE n = ?`, isSmall);
  };
  check("settings", isObject, false);
  check("attempts", Array.isArray, false);
  check("progress", isObject, true);
  check("error", (value) => typeof value === "string", true);
  return damages;
}

type Column = "settings" | "attempts" | "progress" | "error";

/** Undefined for what is no JSON. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Ends a job whose record was damaged. It is kept, whatever its retention says. */
function fail(tx: Transaction, row: CheckedRow, error: string): void {
  const settings = parse(row.settings ?? "{}");
  const own = isObject(settings) ? settings as JobSettings : {};
  const failedMs = keepMs(own, "failed", tx.limits) || -1;
  const attempts = parse(row.attempts ?? "[]");
  finish(tx, { ...row, settings: JSON.stringify({ retention: { failedMs } }) }, {
    status: "failed",
    error,
    result: null,
    attempts: Array.isArray(attempts) ? attempts : [],
  });
  tellChildren(tx);
}
