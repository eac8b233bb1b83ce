/**
 * Why a schedule was not changed. In every case nothing was.
 *
 * @module
 */

import { GqmError } from "../errors.ts";
import type { ScheduleSource } from "../store/store.ts";

/** A schedule that is not in the store. */
export class ScheduleNotFoundError extends GqmError {
  /** Name of the class. */
  override readonly name = "ScheduleNotFoundError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "SCHEDULE_NOT_FOUND";
  /** The id seen. */
  readonly id: string;
  /**
   * Makes the error.
   *
   * @param action What cannot be done.
   * @param id The id seen.
   */
  constructor(action: string, id: string) {
    super(`Cannot ${action} as it must be in the store: there is no schedule '${id}'`);
    this.id = id;
  }
}

/** The id of a schedule belongs to somebody else: to code, to the configuration, to people, or to another scope. */
export class ScheduleConflictError extends GqmError {
  /** Name of the class. */
  override readonly name = "ScheduleConflictError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "SCHEDULE_CONFLICT";
  /** The schedule's id. */
  readonly id: string;
  /** Who defined the one that is there. */
  readonly source: ScheduleSource;
  /** Its scope. */
  readonly scope: string | null;
  /**
   * Makes the error.
   *
   * @param wanted Who was to define it, as text.
   * @param there The schedule that is there.
   */
  constructor(
    wanted: string,
    there: {
      readonly id: string;
      readonly source: ScheduleSource;
      readonly scope: string | null;
    },
  ) {
    const { id, source, scope } = there;
    super(
      `Cannot define schedule '${id}' as that of ${wanted} as it must not be defined elsewhere: ` +
        `it is that of ${ownerText(source, scope)}; remove it, or take another id`,
    );
    this.id = id;
    this.source = source;
    this.scope = scope;
  }
}

/** A schedule that is not as whoever defines it says that it must be: changed since, or there already. */
export class ScheduleChangedError extends GqmError {
  /** Name of the class. */
  override readonly name = "ScheduleChangedError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "SCHEDULE_CHANGED";
  /** The schedule's id. */
  readonly id: string;
  /** When it was changed last, in epoch milliseconds. */
  readonly updatedAt: number;
  /**
   * Makes the error.
   *
   * @param id The schedule's id.
   * @param wanted When it was to have been changed last; null if there was to be none.
   * @param updatedAt When it was.
   */
  constructor(id: string, wanted: number | null, updatedAt: number) {
    const rule = wanted === null
      ? "there must be none with this id: there is one, which was changed"
      : `it must be as it was at ${wanted}: it was changed`;
    super(`Cannot define schedule '${id}' as ${rule} at ${updatedAt}`);
    this.id = id;
    this.updatedAt = updatedAt;
  }
}

/** Who a schedule belongs to, for people. */
export function ownerText(source: ScheduleSource, scope: string | null): string {
  return scope === null ? source : `${source} with the scope '${scope}'`;
}

/** The store has as many schedules as it may have. */
export class TooManySchedulesError extends GqmError {
  /** Name of the class. */
  override readonly name = "TooManySchedulesError";
  /** Stable name of this error, for code to branch on. */
  readonly code = "TOO_MANY_SCHEDULES";
  /** Most schedules of a store. */
  readonly limit: number;
  /** Makes the error. @param id The schedule that was to be defined. @param limit Most schedules of a store. */
  constructor(id: string, limit: number) {
    super(`Cannot define schedule '${id}' as a store must have at most ${limit}: it has ${limit}`);
    this.limit = limit;
  }
}
