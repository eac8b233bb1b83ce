/**
 * What a SQLite store may be told.
 *
 * @module
 */

import { checkInteger, checkKeys, checkOneOf } from "../../checks.ts";
import { type Clock, systemClock } from "../../clock.ts";
import { InvalidOptionError } from "../../errors.ts";
import { type Rng, systemRng } from "../../rng.ts";
import { resolveRetention } from "../retention.ts";
import type { RetentionLimits } from "../store.ts";
import type { Synchronous } from "./open.ts";

/** Options of `sqliteStore`. */
export interface SqliteStoreOptions {
  /** How long final jobs are kept. @default {7 d, 30 d, 100 000 per queue and status} */
  readonly retention?: Partial<RetentionLimits>;
  /**
   * What a resolved call survives: `full` also the loss of power, `normal` only
   * the death of the process, but it waits for no disk.
   * @default {"full"}
   */
  readonly synchronous?: "full" | "normal";
  /** Milliseconds between two looks for the changes of other processes, while something waits. @default {25} */
  readonly pollMs?: number;
  /** Milliseconds that a call waits for other processes to unlock the file. @default {30_000} */
  readonly busyTimeoutMs?: number;
  /** Decides what is due. @default {the system's clock} */
  readonly clock?: Clock;
  /** Spreads the attempts to lock the file. @default {the system's chance} */
  readonly rng?: Rng;
}

/** Options with their defaults. */
export interface ResolvedSqliteOptions {
  readonly path: string;
  readonly limits: RetentionLimits;
  readonly synchronous: Synchronous;
  readonly pollMs: number;
  readonly busyTimeoutMs: number;
  readonly clock: Clock;
  readonly rng: Rng;
}

const ACTION = "open store";
const KNOWN = ["retention", "synchronous", "pollMs", "busyTimeoutMs", "clock", "rng"];

/**
 * Fills in the defaults and checks the options.
 *
 * @throws {InvalidOptionError} If one is unknown or out of range.
 */
export function resolveOptions(path: string, options: SqliteStoreOptions): ResolvedSqliteOptions {
  if (typeof path !== "string" || path === "" || path === ":memory:" || path.includes("\0")) {
    throw new InvalidOptionError(
      ACTION,
      "path",
      "name a file (without one, take memoryStore())",
      path,
    );
  }
  if (/^(sqlite|file):/.test(path)) {
    throw new InvalidOptionError(
      ACTION,
      "path",
      "be a path: leave out what stands before it",
      path,
    );
  }
  checkKeys(ACTION, options, KNOWN);
  const {
    synchronous = "full",
    pollMs = 25,
    busyTimeoutMs = 30_000,
    clock = systemClock,
    rng = systemRng,
  } = options;
  checkOneOf(ACTION, "synchronous", synchronous, ["full", "normal"]);
  checkInteger(ACTION, "pollMs", pollMs, 1);
  checkInteger(ACTION, "busyTimeoutMs", busyTimeoutMs, 0);
  const limits = resolveRetention(options.retention);
  return { path, limits, synchronous, pollMs, busyTimeoutMs, clock, rng };
}
