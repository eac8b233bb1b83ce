/**
 * Interventions: by people at three in the morning, and by programs.
 *
 * @module
 */

import { checkBoolean, checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import {
  ID_RULE,
  isJobId,
  isJobType,
  isQueueName,
  MAX_PAYLOAD_BYTES,
  MAX_PRIORITY,
  MIN_PRIORITY,
  QUEUE_RULE,
  TYPE_RULE,
} from "../job/names.ts";
import { bytesIfAbove, serialize } from "../job/serialize.ts";
import type { JobAction, PauseTarget, Store } from "../store/store.ts";
import { type BulkOptions, type BulkReport, type JobFilter, runBulk } from "./bulk.ts";
import { refusalOf, wordsOf } from "./refusal.ts";

/** A queue, a type, or a type in one queue. */
export interface PauseOptions {
  /** Name of the queue. @default {all queues} */
  readonly queue?: string;
  /** The job's type. @default {all types} */
  readonly type?: string;
}

/** How a job is retried. */
export interface RetryOptions {
  /** Replaces the payload. It is not checked against a registry before it runs. */
  readonly payload?: unknown;
  /** Also brings back the children that its end canceled, and theirs. @default {false} */
  readonly revive?: boolean;
}

const MAX_REASON_LENGTH = 1000;
const DEFAULT_REASON = "canceled";

const CANCEL = wordsOf.cancel.action;
const RETRY = wordsOf.retry.action;

/**
 * Cancels, retries, removes and changes jobs; pauses queues and types. A client
 * has one as `control`.
 *
 * Each verb resolves to true if it changed something, and to false if there was
 * nothing to do, so that a repeat does no harm.
 *
 * @example
 * ```ts
 * import { Client, memoryStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * await using client = new Client({ store: memoryStore() });
 * const { id } = await client.enqueue("report", { month: "2026-01" }, { delayMs: 60_000 });
 *
 * equal(await client.control.cancel(id, { reason: "not needed" }), true);
 * equal(await client.control.cancel(id), false);
 * equal((await client.getJob(id))?.error, "not needed");
 * equal(await client.control.retry(id), true);
 *
 * await client.control.pause({ queue: "default" });
 * equal(await client.control.isPaused({ queue: "default" }), true);
 * equal((await client.control.cancelAll({ status: "ready", queue: "default" })).changed, 1);
 * ```
 */
export class Control {
  readonly #store: (action: string) => Promise<Store>;

  /**
   * Makes one on a store.
   *
   * @param store Gives the store, open; told what it is for.
   */
  constructor(store: (action: string) => Promise<Store>) {
    this.#store = store;
  }

  /**
   * Cancels a job that is not final. Of one that runs, the handler's signal
   * aborts with a `JobCanceledError`, in whatever process it is, and what it
   * returns is dropped.
   *
   * @param options `reason`: the job's error; at most 1000 characters.
   * @throws {JobNotFoundError} If there is no such job.
   * @throws {JobRefusedError} If it has ended otherwise.
   */
  async cancel(id: string, options: { readonly reason?: string } = {}): Promise<boolean> {
    checkKeys(CANCEL, options, ["reason"]);
    const reason = checkReason(CANCEL, options.reason);
    return await this.#act(id, { kind: "cancel", reason });
  }

  /**
   * Lets a job that is dead-lettered, canceled, stopped or failed run again, with
   * all its retries. Of a job that is not final there is nothing to do.
   *
   * @throws {JobNotFoundError} If there is no such job.
   * @throws {JobRefusedError} If it has completed, a parent has failed, or
   * another job has its unique key.
   * @throws {InvalidOptionError} If the payload is no JSON, or above 1 MiB.
   */
  async retry(id: string, options: RetryOptions = {}): Promise<boolean> {
    checkKeys(RETRY, options, ["payload", "revive"]);
    if (options.revive !== undefined) checkBoolean(RETRY, "revive", options.revive);
    const revive = options.revive === true ? { revive: true } : {};
    const payload = options.payload === undefined
      ? {}
      : { payload: toText(RETRY, options.payload) };
    return await this.#act(id, { kind: "retry", ...payload, ...revive });
  }

  /**
   * Removes a job that does not run, for good. For its children it has failed,
   * unless it was final.
   *
   * @throws {JobNotFoundError} If there is no such job.
   * @throws {JobRefusedError} If it is running.
   */
  async remove(id: string): Promise<boolean> {
    return await this.#act(id, { kind: "remove" });
  }

  /**
   * Makes a `scheduled` or `retry` job ready now.
   *
   * @throws {JobNotFoundError} If there is no such job.
   * @throws {JobRefusedError} If it waits for no time.
   */
  async promote(id: string): Promise<boolean> {
    return await this.#act(id, { kind: "promote" });
  }

  /**
   * Changes the priority of a job that waits. A ready one goes to the end of its
   * new line.
   *
   * @throws {JobNotFoundError} If there is no such job.
   * @throws {JobRefusedError} If it runs or has ended.
   */
  async setPriority(id: string, priority: number): Promise<boolean> {
    const { action } = wordsOf.prioritize;
    checkInteger(action, "priority", priority, MIN_PRIORITY, MAX_PRIORITY);
    return await this.#act(id, { kind: "prioritize", priority });
  }

  /**
   * Replaces the payload of a job that waits; it keeps its place. To run a failed
   * job with another payload, `retry` it with one.
   *
   * @throws {JobNotFoundError} If there is no such job.
   * @throws {JobRefusedError} If it runs or has ended.
   * @throws {InvalidOptionError} If the payload is no JSON, or above 1 MiB.
   */
  async setPayload(id: string, payload: unknown): Promise<boolean> {
    const { action } = wordsOf.edit;
    return await this.#act(id, { kind: "edit", payload: toText(action, payload) });
  }

  /**
   * Cancels all jobs of a status, newest first, in steps of a bounded size.
   * Emptying a queue is to cancel its ready jobs.
   *
   * @throws {InvalidOptionError} If the filter or an option breaks its rule.
   * @throws The signal's reason when it aborts; what was done until then stays.
   */
  async cancelAll(
    filter: JobFilter,
    options: BulkOptions & { readonly reason?: string } = {},
  ): Promise<BulkReport> {
    const { reason, ...rest } = options;
    return await this.#bulk("cancel jobs", filter, rest, {
      kind: "cancel",
      reason: checkReason("cancel jobs", reason),
    });
  }

  /**
   * Retries all jobs of a status, such as all dead letters.
   *
   * @throws As `cancelAll` does.
   */
  async retryAll(
    filter: JobFilter,
    options: BulkOptions & { readonly revive?: boolean } = {},
  ): Promise<BulkReport> {
    const { revive = false, ...rest } = options;
    checkBoolean("retry jobs", "revive", revive);
    return await this.#bulk("retry jobs", filter, rest, {
      kind: "retry",
      ...(revive ? { revive } : {}),
    });
  }

  /**
   * Removes all jobs of a status for good, such as all dead letters.
   *
   * @throws As `cancelAll` does.
   */
  async removeAll(filter: JobFilter, options: BulkOptions = {}): Promise<BulkReport> {
    return await this.#bulk("remove jobs", filter, options, { kind: "remove" });
  }

  /**
   * Pauses a queue, a type, or a type in one queue, for all servers: what runs
   * goes on, nothing else is started until `resume`. A paused queue still takes
   * new jobs. Each target is a switch of its own: a line runs when none of those
   * that cover it is set.
   *
   * @throws {InvalidOptionError} If neither is given, or a name breaks its rule.
   */
  async pause(target: PauseOptions): Promise<void> {
    const meant = toTarget("pause", target);
    await (await this.#store("pause")).pause(meant, true);
  }

  /**
   * Undoes one `pause`.
   *
   * @throws As `pause` does.
   */
  async resume(target: PauseOptions): Promise<void> {
    const meant = toTarget("resume", target);
    await (await this.#store("resume")).pause(meant, false);
  }

  /**
   * Tells whether nothing of a queue, a type, or a type in a queue is started.
   *
   * @throws As `pause` does.
   */
  async isPaused(target: PauseOptions): Promise<boolean> {
    const action = "tell whether it is paused";
    const { queue, type } = toTarget(action, target);
    const paused = await (await this.#store(action)).paused();
    return paused.some((one) => (one.queue ?? queue) === queue && (one.type ?? type) === type);
  }

  /** What is paused: each target that `pause` was called with. */
  async paused(): Promise<PauseOptions[]> {
    const targets = await (await this.#store("list what is paused")).paused();
    return targets.map(({ queue, type }) => ({
      ...(queue === null ? {} : { queue }),
      ...(type === null ? {} : { type }),
    }));
  }

  async #act(id: string, what: JobAction): Promise<boolean> {
    const { action } = wordsOf[what.kind];
    if (!isJobId(id)) throw new InvalidOptionError(action, "id", ID_RULE, id);
    const [reply] = await (await this.#store(action)).act([id], what);
    const refusal = refusalOf(what.kind, id, reply!);
    if (refusal !== undefined) throw refusal;
    return reply!.outcome === "done";
  }

  async #bulk(
    action: string,
    filter: JobFilter,
    options: BulkOptions,
    what: JobAction,
  ): Promise<BulkReport> {
    return await runBulk(action, () => this.#store(action), { filter, options, action: what });
  }
}

function checkReason(action: string, reason: string = DEFAULT_REASON): string {
  if (typeof reason === "string" && reason.length <= MAX_REASON_LENGTH) return reason;
  const rule = `be a string of at most ${MAX_REASON_LENGTH} characters`;
  throw new InvalidOptionError(action, "reason", rule, reason);
}

function toText(action: string, payload: unknown): string {
  const text = serialize(payload, "payload");
  if (typeof text !== "string") {
    throw new InvalidOptionError(action, text.path, "be JSON", text.what);
  }
  const bytes = bytesIfAbove(text, MAX_PAYLOAD_BYTES);
  if (bytes === undefined) return text;
  const rule = `be at most ${MAX_PAYLOAD_BYTES} bytes of JSON`;
  throw new InvalidOptionError(action, "payload", rule, `${bytes} bytes`);
}

function toTarget(action: string, target: PauseOptions): PauseTarget {
  checkKeys(action, target, ["queue", "type"]);
  const { queue, type } = target;
  if (queue === undefined && type === undefined) {
    throw new InvalidOptionError(action, "queue", "be given unless 'type' is", queue);
  }
  if (queue !== undefined && !isQueueName(queue)) {
    throw new InvalidOptionError(action, "queue", QUEUE_RULE, queue);
  }
  if (type !== undefined && !isJobType(type)) {
    throw new InvalidOptionError(action, "type", TYPE_RULE, type);
  }
  return { queue: queue ?? null, type: type ?? null };
}
