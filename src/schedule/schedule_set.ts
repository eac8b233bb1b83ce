/**
 * The schedules that a program defines on one server, until it starts.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { Preparer } from "../enqueue/prepare.ts";
import { InvalidOptionError } from "../errors.ts";
import { uuidv7Generator } from "../job/id.ts";
import type { JobMap } from "../job/registry.ts";
import type { Logger } from "../logger.ts";
import type { ScheduleSource, Store } from "../store/store.ts";
import { type AnySchedule, type CheckedSchedule, checkSchedule } from "./options.ts";
import { syncSchedules } from "./sync.ts";
import type { NextSlot } from "./timing.ts";

/** What a program says of its schedules, as options of its server. */
export interface ScheduleSetOptions {
  /** Registry of types. */
  readonly jobs?: JobMap;
  /** Zone of those that name none. @default {"UTC"} */
  readonly timeZone?: string;
  /** Name of the set in the store. @default {"default"} */
  readonly scheduleScope?: string;
  /** The first of them; it may be empty, which defines that there are none. */
  readonly schedules?: Readonly<Record<string, unknown>>;
}

/** Most schedules with a function: upkeep asks for each of them by its id. */
const MAX_CUSTOM = 1000;

interface Entry {
  readonly source: DefinedBy;
  readonly checked: CheckedSchedule | Promise<CheckedSchedule>;
}

/** Who of a program defines a schedule: its code, or its configuration. */
export type DefinedBy = Exclude<ScheduleSource, "runtime">;

/** What a program defines. */
export class ScheduleSet {
  readonly #options: ScheduleSetOptions;
  readonly #logger: Logger;
  readonly #newId = uuidv7Generator(systemClock.now);
  readonly #preparer: Preparer;
  readonly #schedules = new Map<string, Entry>();
  #customs = 0;
  /** Who of the program defines schedules at all: what is not among theirs then is to go. */
  readonly #definers = new Set<DefinedBy>();

  /**
   * @param options What the program says.
   * @throws {InvalidOptionError} If one of the schedules breaks a rule.
   */
  constructor(options: ScheduleSetOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
    this.#preparer = new Preparer(options.jobs, this.#newId);
    this.addAll(options.schedules, "code");
  }

  /**
   * Adds those that code or the configuration defines, if it defines any; none of them, if it is empty.
   *
   * @throws {InvalidOptionError} As `add` does.
   */
  addAll(schedules: Readonly<Record<string, unknown>> | undefined, source: DefinedBy): void {
    if (schedules === undefined) return;
    this.#definers.add(source);
    for (const [id, schedule] of Object.entries(schedules)) {
      this.add(id, schedule as AnySchedule, source);
    }
  }

  /**
   * Adds a schedule.
   *
   * @throws {InvalidOptionError} If it breaks a rule, or there is one with its id.
   */
  add(id: string, schedule: AnySchedule, source: DefinedBy = "code"): void {
    const { timeZone = "UTC" } = this.#options;
    const checked = checkSchedule(id, schedule, timeZone, this.#preparer);
    if (this.#schedules.has(id)) {
      throw new InvalidOptionError("define schedule", "id", "be its own on this server", id);
    }
    if (schedule.next !== undefined && ++this.#customs > MAX_CUSTOM) {
      const rule = `be given for at most ${MAX_CUSTOM} schedules of a server`;
      throw new InvalidOptionError("define schedule", "next", rule, schedule.next);
    }
    // Whoever starts the server is told.
    if (checked instanceof Promise) checked.catch(() => {});
    this.#schedules.set(id, { source, checked });
    this.#definers.add(source);
  }

  /**
   * Brings them into a store, unless the program defines none; gives the functions of those that are
   * custom, by id.
   *
   * @throws As `syncSchedules` does, and what the schema of a payload says.
   */
  async enter(store: Store): Promise<ReadonlyMap<string, NextSlot>> {
    const custom = new Map<string, NextSlot>();
    for (const source of this.#definers) {
      const schedules = new Map<string, CheckedSchedule>();
      for (const [id, { source: of, checked }] of this.#schedules) {
        if (of === source) schedules.set(id, await checked);
      }
      const owner = { source, scope: this.#options.scheduleScope ?? "default" };
      const [newId, logger] = [this.#newId, this.#logger];
      await syncSchedules(store, { schedules, owner, newId, logger });
      for (const [id, { next }] of schedules) if (next !== undefined) custom.set(id, next);
    }
    return custom;
  }
}
