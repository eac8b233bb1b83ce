/**
 * The handlers of one server.
 *
 * @module
 */

import { checkFunction } from "../checks.ts";
import { InvalidJobTypeError, UnknownJobTypeError } from "../enqueue/errors.ts";
import { isJobType } from "../job/names.ts";
import type { JobMap } from "../job/registry.ts";
import type { Logger } from "../logger.ts";
import { nextTurn } from "../runtime/turn.ts";
import { type BatchHandler, batchHandler, type BatchHandlerOptions } from "./batch.ts";
import { DuplicateHandlerError } from "./errors.ts";
import {
  checkBatchHandlerOptions,
  checkHandlerOptions,
  DEFAULT_BATCH,
  type Handler,
  type HandlerEntry,
  type HandlerOptions,
} from "./handler.ts";
import type { PoolOptions } from "./pool_plan.ts";

const ACTION = "add handler";

/** Handlers by type. */
export class HandlerSet {
  readonly #jobs: JobMap | undefined;
  readonly #logger: Logger;
  readonly #entries = new Map<string, HandlerEntry>();
  /** Largest batch by type, of batch handlers. */
  readonly #sizes = new Map<string, number>();

  /** @param jobs Registry, if there is one. */
  constructor(jobs: JobMap | undefined, logger: Logger) {
    this.#jobs = jobs;
    this.#logger = logger;
  }

  /** Handlers by type. */
  get entries(): ReadonlyMap<string, HandlerEntry> {
    return this.#entries;
  }

  /** Sets the handler of a type. See `Server.handle`. */
  add(type: string, handler: Handler, options: HandlerOptions): void {
    this.#check(type, handler);
    checkHandlerOptions(options);
    this.#entries.set(type, { type, handler, options });
  }

  /** Sets the batch handler of a type. See `Server.handleBatch`. */
  addBatch(type: string, handler: BatchHandler, options: BatchHandlerOptions): void {
    this.#check(type, handler);
    checkBatchHandlerOptions(options);
    const { size = DEFAULT_BATCH, ...rest } = options;
    const joins = batchHandler(handler, { size, logger: this.#logger, nextTurn });
    this.#entries.set(type, { type, handler: joins, options: rest });
    this.#sizes.set(type, size);
  }

  /** All of them, those of batches with room for one batch unless a pool takes their type. */
  planned(pools: readonly PoolOptions[]): HandlerEntry[] {
    return [...this.#entries.values()].map((entry) => {
      const size = this.#sizes.get(entry.type);
      const { concurrency = size } = entry.options;
      if (size === undefined || pools.some((pool) => takes(pool, entry.type))) return entry;
      return { ...entry, options: { ...entry.options, concurrency } };
    });
  }

  #check(type: string, handler: unknown): void {
    if (!isJobType(type)) throw new InvalidJobTypeError(ACTION, type);
    checkFunction(ACTION, "handler", handler);
    const jobs = this.#jobs;
    if (jobs !== undefined && !Object.hasOwn(jobs, type)) {
      throw new UnknownJobTypeError(ACTION, type, Object.keys(jobs));
    }
    if (this.#entries.has(type)) throw new DuplicateHandlerError(type);
  }
}

function takes({ types }: PoolOptions, type: string): boolean {
  return types === undefined || types.includes("*") || types.includes(type);
}
