/**
 * Schedules, as programs and people see and change them at run time.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { checkInteger, checkKeys } from "../checks.ts";
import { Preparer } from "../enqueue/prepare.ts";
import { InvalidOptionError } from "../errors.ts";
import { uuidv7Generator } from "../job/id.ts";
import type { AnyJobs, JobMap } from "../job/registry.ts";
import type { ScheduleHistoryReply, ScheduleRecord, Store } from "../store/store.ts";
import { changeIt, stateOf, type Wish } from "./change.ts";
import { defineWish, firstTime } from "./defined.ts";
import { jobOf, readDefinition } from "./definition.ts";
import { checkCondition, needAsRead, type ScheduleCondition } from "./condition.ts";
import { ScheduleNotFoundError } from "./errors.ts";
import { type Schedule, toSchedule } from "./schedule.ts";
import {
  type AnySchedule,
  checkSchedule,
  checkScheduleId,
  type ScheduleOptions,
} from "./options.ts";

/** One page of a list of schedules. */
export interface SchedulePage {
  /** The schedules, in the order of their ids. */
  readonly schedules: readonly Schedule[];
  /** Give it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** Which part of a list is wanted. */
export interface SchedulePageOptions {
  /** Most entries, 1 to 500. @default {100} */
  readonly limit?: number;
  /** Where the page before ended. */
  readonly cursor?: string;
}

/** What `Schedules` works with. */
export interface SchedulesOptions {
  /** Gives the store, open; told what it is for. */
  readonly store: (action: string) => Promise<Store>;
  /** Registry of types. @default {any type} */
  readonly jobs?: JobMap;
  /** Zone of schedules that name none. @default {"UTC"} */
  readonly timeZone?: string;
}

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 500;

/**
 * Makes schedules at run time, and pauses, triggers, removes and shows them. A
 * client has one as `schedules`, and so has a server. Schedules live in the store:
 * any server of it fires them, and what is toggled here survives restarts.
 *
 * @example
 * ```ts
 * import { Client, daily, memoryStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * await using client = new Client({ store: memoryStore() });
 * await client.schedules.upsert("nightly-report", {
 *   type: "report",
 *   payload: { kind: "sales" },
 *   cron: daily(3, 30),
 *   timeZone: "Europe/Berlin",
 * });
 *
 * await client.schedules.pause("nightly-report");
 * equal((await client.schedules.get("nightly-report"))?.paused, true);
 * const jobId = await client.schedules.trigger("nightly-report");
 * equal((await client.getJob(jobId))?.schedule?.id, "nightly-report");
 * ```
 */
export class Schedules<J extends JobMap = AnyJobs> {
  readonly #options: SchedulesOptions;
  readonly #newId: () => string;
  readonly #preparer: Preparer;

  /** Makes one on a store. @param options Which store, and what may be enqueued. */
  constructor(options: SchedulesOptions) {
    this.#options = options;
    this.#newId = uuidv7Generator(systemClock.now);
    this.#preparer = new Preparer(options.jobs, this.#newId);
  }

  /**
   * Makes a schedule, or gives the one with this id other rules. Its next slot is
   * computed anew if its timing is another, or if it is made; else it stays.
   *
   * @param id 1 to 200 of the characters `a-z A-Z 0-9 . _ -`.
   * @throws {InvalidOptionError} If a rule is broken; `InvalidCronError` for the cron expression.
   * @throws As `Client.enqueue` does for type and payload.
   * @throws {ScheduleConflictError} If the id is that of a schedule of code or of the configuration.
   * @throws {ScheduleChangedError} If it is not as `condition` says.
   * @throws {ScheduleNotFoundError} If `condition` names a time, and there is none.
   * @throws {TooManySchedulesError} If the store has 10 000.
   */
  async upsert(
    id: string,
    options: ScheduleOptions<J>,
    condition: ScheduleCondition = {},
  ): Promise<Schedule> {
    const action = "define schedule";
    const { ifUpdatedAt } = checkCondition(action, condition);
    const { timeZone = "UTC" } = this.#options;
    const any = options as unknown as AnySchedule;
    const { definition, next } = await checkSchedule(id, any, timeZone, this.#preparer);
    if (next !== undefined) {
      const rule = "not be given at run time, as other processes would not have the function";
      throw new InvalidOptionError(action, "next", rule, next);
    }
    const owner = { source: "runtime", scope: null } as const;
    const store = await this.#options.store(action);
    const changed = await changeIt(store, id, (record, now) => {
      if (ifUpdatedAt !== undefined) needAsRead(action, id, record, ifUpdatedAt);
      return defineWish({ id, definition, owner }, record, now);
    });
    return this.#found(action, id, changed?.record ?? await read(store, id));
  }

  /**
   * Pauses a schedule: none of its slots fires until it is resumed, and those
   * that come meanwhile are not caught up. False if it is paused already.
   *
   * @throws {InvalidOptionError} If the id breaks its rule.
   * @throws {ScheduleNotFoundError} If there is none with this id.
   */
  async pause(id: string): Promise<boolean> {
    return await this.#change("pause schedule", id, (record) => {
      if (record.paused) return undefined;
      return { write: { ...stateOf(record), paused: true, slotAt: null, dueAt: null } };
    });
  }

  /**
   * Resumes a schedule: its next slot is the first one from now on. False if it is not paused.
   *
   * @throws {InvalidOptionError} If the id breaks its rule.
   * @throws {ScheduleNotFoundError} If there is none with this id.
   */
  async resume(id: string): Promise<boolean> {
    return await this.#change("resume schedule", id, (record, now) => {
      if (!record.paused) return undefined;
      const time = firstTime(id, readDefinition(record.definition), now);
      return { write: { ...stateOf(record), paused: false, ...time } };
    });
  }

  /**
   * Enqueues a job of a schedule now, also if it is paused or its last job is not
   * final. Its slots stay as they are.
   *
   * @returns The job's id.
   * @throws {InvalidOptionError} If the id breaks its rule.
   * @throws {ScheduleNotFoundError} If there is none with this id.
   */
  async trigger(id: string): Promise<string> {
    const jobId = this.#newId();
    await this.#change("trigger schedule", id, (record, now) => {
      const job = jobOf(readDefinition(record.definition), { id, slotAt: now }, jobId);
      return { fires: [{ slotAt: now, kind: "trigger", overlap: "allow", job }] };
    });
    return jobId;
  }

  /**
   * Removes a schedule with its history; its jobs stay. One of code comes back when
   * a server that defines it starts. False if there is none.
   *
   * @throws {InvalidOptionError} If the id breaks its rule.
   */
  async remove(id: string): Promise<boolean> {
    const action = "remove schedule";
    checkScheduleId(action, id);
    const store = await this.#options.store(action);
    const removed = await changeIt(
      store,
      id,
      (record) => record === null ? undefined : { write: null },
    );
    return removed !== undefined;
  }

  /**
   * Reads a schedule; null if there is none with this id.
   *
   * @throws {InvalidOptionError} If the id breaks its rule.
   */
  async get(id: string): Promise<Schedule | null> {
    const action = "read schedule";
    checkScheduleId(action, id);
    const record = await read(await this.#options.store(action), id);
    return record === undefined ? null : toSchedule(record);
  }

  /**
   * Lists schedules in the order of their ids, a page at a time.
   *
   * @throws {InvalidOptionError} If an option is unknown or out of range.
   */
  async list(options: SchedulePageOptions = {}): Promise<SchedulePage> {
    const action = "list schedules";
    const page = checkPage(action, options);
    const { records, cursor } = await (await this.#options.store(action)).schedules(page);
    const schedules = records.map(toSchedule);
    return cursor === undefined ? { schedules } : { schedules, cursor };
  }

  /**
   * Reads what became of the slots of a schedule, newest first. The newest 100
   * lines are kept.
   *
   * @throws {InvalidOptionError} If the id or an option breaks its rule.
   */
  async history(id: string, options: SchedulePageOptions = {}): Promise<ScheduleHistoryReply> {
    const action = "read history of schedule";
    checkScheduleId(action, id);
    const page = checkPage(action, options);
    return await (await this.#options.store(action)).scheduleHistory(id, page);
  }

  async #change(
    action: string,
    id: string,
    wish: (record: ScheduleRecord, now: number) => Wish | undefined,
  ): Promise<boolean> {
    checkScheduleId(action, id);
    const store = await this.#options.store(action);
    const changed = await changeIt(store, id, (record, now) => {
      if (record === null) throw new ScheduleNotFoundError(action, id);
      return wish(record, now);
    });
    return changed !== undefined;
  }

  #found(action: string, id: string, record: ScheduleRecord | undefined): Schedule {
    if (record === undefined) throw new ScheduleNotFoundError(action, id);
    return toSchedule(record);
  }
}

async function read(store: Store, id: string): Promise<ScheduleRecord | undefined> {
  return (await store.schedules({ ids: [id] })).records[0];
}

function checkPage(
  action: string,
  options: SchedulePageOptions,
): { readonly limit: number; readonly cursor?: string } {
  checkKeys(action, options, ["limit", "cursor"]);
  const { limit = DEFAULT_PAGE, cursor } = options;
  checkInteger(action, "limit", limit, 1, LARGEST_PAGE);
  return cursor === undefined ? { limit } : { limit, cursor };
}
