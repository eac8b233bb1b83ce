/**
 * Carries out operations, one after the other, beside the requests of a monitor. Of several processes
 * each takes those that no other has; one that dies is followed after its lease.
 *
 * While there are none, it looks for some when the store is used, once in a while, and has no timer.
 *
 * @module
 */

import { type Clock, endsWithin, sleep } from "../../clock.ts";
import { InvalidOptionError } from "../../errors.ts";
import { uuidv7Generator } from "../../job/id.ts";
import type { LogFields, Logger } from "../../logger.ts";
import type { Store } from "../../store/store.ts";
import { addToAudit } from "../audit.ts";
import type { Redactor } from "../redact.ts";
import { begun, carryOut, endOf } from "./carry_out.ts";
import type { Operation, OperationEnd, OperationOrder } from "./operation.ts";
import {
  addEnd,
  closeOperation,
  dropLease,
  openOperations,
  readOperation,
  takeLease,
} from "./operation_memos.ts";

/** How often it looks for operations that others left behind, in milliseconds. */
const LOOK_MS = 15_000;
/** How long it waits for those that another process has, in milliseconds. */
const WAIT_MS = 1_000;
/** First and longest wait after a failure of the store, in milliseconds. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;
/** How long a stop waits for a store that does not answer, in milliseconds. */
const STOP_MS = 5_000;

/** What a runner works with. */
export interface RunnerOptions {
  /** The store, open. */
  readonly store: () => Promise<Store>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly redactor: Redactor;
}

/** Carries out operations. */
export class OperationRunner {
  readonly #options: RunnerOptions;
  /** By which others know whose an operation is. */
  readonly #name: string;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #nap = new AbortController();
  /** Whether somebody has asked for a look since the last one began. */
  #isAsked = false;
  /** Whether there are operations that have not ended, as far as is known. */
  #hasOpen = false;
  /** `mono` of the last look. */
  #lookedAt = -Infinity;
  #failures = 0;

  /** @param options What it works with. */
  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#name = uuidv7Generator(() => options.clock.now())();
  }

  /** The store is in use: looks for operations if it has not for a while. */
  glance(): void {
    if (this.#loop === undefined && this.#options.clock.mono() - this.#lookedAt >= LOOK_MS) {
      this.#start();
    }
  }

  /** Somebody looks at an operation that has not ended: sees to it that somebody carries it out. */
  nudge(): void {
    this.#hasOpen = true;
    this.#start();
  }

  /** There is something to do with an operation: does it at once. */
  wake(): void {
    this.#hasOpen = true;
    this.#isAsked = true;
    this.#nap.abort();
    this.#start();
  }

  /** Leaves what is under way to others. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#nap.abort();
    if (this.#loop !== undefined) await endsWithin(this.#options.clock, this.#loop, STOP_MS);
  }

  #start(): void {
    if (this.#stopping.signal.aborted) return;
    this.#loop ??= this.#run();
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stopping.signal.aborted) {
      this.#nap = new AbortController();
      this.#isAsked = false;
      this.#lookedAt = clock.mono();
      const hasEnded = await this.#round();
      if (this.#stopping.signal.aborted || this.#isAsked || hasEnded) continue;
      if (!this.#hasOpen) break;
      const ms = this.#failures === 0
        ? WAIT_MS
        : Math.min(RETRY_MS * 2 ** (this.#failures - 1), MAX_RETRY_MS);
      await sleep(clock, ms, this.#nap.signal);
    }
    // At once, so that who wakes it from now on begins anew.
    this.#loop = undefined;
  }

  /** Goes on with each operation that nobody else has; tells whether one has ended. Does not reject. */
  async #round(): Promise<boolean> {
    let hasEnded = false;
    let failure: LogFields | undefined;
    try {
      const store = await this.#options.store();
      const open = await openOperations(store);
      this.#hasOpen = open.length > 0;
      for (const id of open) {
        if (this.#stopping.signal.aborted) break;
        try {
          if (await this.#goOn(store, id)) hasEnded = true;
        } catch (error) {
          failure = { operation: id, error };
        }
      }
    } catch (error) {
      failure = { error };
    }
    this.#failures = failure === undefined ? 0 : this.#failures + 1;
    if (failure !== undefined && this.#hasOpen && !this.#stopping.signal.aborted) {
      this.#options.logger.warn("Operation waits, as the store failed", failure);
    }
    return hasEnded;
  }

  /** Goes on with an operation unless another process has it; tells whether it has ended. */
  async #goOn(store: Store, id: string): Promise<boolean> {
    if (!await takeLease(store, id, this.#name)) return false;
    const operation = await readOperation(store, id);
    if (operation !== undefined) {
      const end = operation.end ?? await this.#end(store, operation);
      if (end === undefined) {
        if (this.#stopping.signal.aborted) await dropLease(store, id, this.#name);
        return false;
      }
      // Before it is taken off the list, so that it is told though the process dies between.
      await this.#tell(operation.order, end);
    }
    await closeOperation(store, id);
    return true;
  }

  async #end(store: Store, operation: Operation): Promise<OperationEnd | undefined> {
    const { clock, redactor } = this.#options;
    const means = { store, clock, redactor, runner: this.#name, signal: this.#stopping.signal };
    let end: OperationEnd | undefined;
    try {
      end = await carryOut(means, operation);
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error;
      const progress = operation.progress ?? begun(operation.order.createdAt);
      end = { ...endOf(progress, "failed", progress.updatedAt), error: error.message };
    }
    return end && await addEnd(store, operation.order.id, end);
  }

  async #tell({ id, action, who }: OperationOrder, end: OperationEnd): Promise<void> {
    const { state, looked, matched, changed, unchanged, canceledBy, error } = end;
    const refused = Object.values(end.refused).reduce((sum, { count }) => sum + count, 0);
    await addToAudit(this.#options, {
      action: "operation.end",
      target: { id },
      who: { ...who, queues: null, types: null },
      client: who.from ?? undefined,
      status: 200,
      detail: {
        ...{ action, state, looked, matched, changed, unchanged, refused },
        ...canceledBy === undefined ? {} : { canceled_by: canceledBy },
        ...error === undefined ? {} : { error },
      },
    });
  }
}
