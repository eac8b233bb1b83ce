/**
 * The store port: what every store does, as a union of one small interface per
 * stage of a job's way. All verbs take and return plain data and work on
 * batches; each is atomic: it happens whole or not at all, also when the
 * process dies in the middle. Times are epoch milliseconds of the store's own
 * clock, which alone decides what is due and which lease has ended.
 *
 * `memory/` is the readable specification; `testing/conformance/` is the suite
 * that every store passes.
 *
 * @module
 */

import type { ClaimStage } from "./claim_stage.ts";
import type { ControlStage } from "./control_stage.ts";
import type { DeskStage } from "./desk_stage.ts";
import type { DoctorStage } from "./doctor_stage.ts";
import type { EnqueueStage } from "./enqueue_stage.ts";
import type { ErrorStage } from "./error_stage.ts";
import type { InsightStage } from "./insight_stage.ts";
import type { EventStage } from "./event_stage.ts";
import type { InspectStage } from "./inspect_stage.ts";
import type { LimitStage } from "./limit_stage.ts";
import type { PageStage } from "./page_stage.ts";
import type { ReadyStage } from "./ready_stage.ts";
import type { RetainStage } from "./retain_stage.ts";
import type { ScheduleStage } from "./schedule_stage.ts";
import type { ServerStage } from "./server_stage.ts";
import type { SettleStage } from "./settle_stage.ts";

export type * from "./claim_stage.ts";
export type * from "./control_stage.ts";
export type * from "./desk_stage.ts";
export type * from "./doctor_stage.ts";
export type * from "./enqueue_stage.ts";
export type * from "./error_stage.ts";
export type * from "./insight_stage.ts";
export type * from "./event_stage.ts";
export type * from "./inspect_stage.ts";
export type * from "./limit_stage.ts";
export type * from "./page_stage.ts";
export type * from "./ready_stage.ts";
export type * from "./retain_stage.ts";
export type * from "./schedule_stage.ts";
export type * from "./server_stage.ts";
export type * from "./settle_stage.ts";

/**
 * Plain data from which another thread of the process opens the same store. It
 * may hold a password: it is never logged.
 */
export interface StoreRecipe {
  /** URL of the store. */
  readonly url: string;
  /** Options of the store, without functions. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A place where jobs live. */
export interface Store
  extends
    EnqueueStage,
    ReadyStage,
    ClaimStage,
    SettleStage,
    RetainStage,
    ControlStage,
    ScheduleStage,
    ServerStage,
    LimitStage,
    InspectStage,
    PageStage,
    InsightStage,
    ErrorStage,
    EventStage,
    DeskStage,
    DoctorStage,
    AsyncDisposable {
  /** What the store is, for people: its scheme and place, without secrets. */
  readonly description: string;

  /**
   * Whether it works beside the process, and carries out calls in the order in which they were
   * made: then a pool that claims ahead has two cycles under way. Absent where it does not.
   */
  readonly isPipelined?: boolean;

  /**
   * Makes the store usable; creates what is missing.
   *
   * Failure: throws `StoreOpenError` with the reason; nothing was changed.
   * Repeat: does nothing.
   */
  open(): Promise<void>;

  /**
   * How another thread of the process opens the same store; undefined if it
   * cannot, as with a store in memory or with a client that was made elsewhere.
   */
  recipe?(): StoreRecipe | undefined;

  /** Lets go of everything. Calls that wait resolve; later calls throw `StoreClosedError`. Repeat: does nothing. */
  close(): Promise<void>;
}
