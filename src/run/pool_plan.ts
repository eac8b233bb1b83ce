/**
 * Which pool takes which types from which queues: pure set-up, checked before
 * anything runs.
 *
 * @module
 */

import { checkInteger, checkKeys, checkNames, checkOneOf } from "../checks.ts";
import { type Source, strategies, type Strategy } from "../claim/strategy.ts";
import { InvalidOptionError } from "../errors.ts";
import { isJobType, isQueueName, QUEUE_RULE, TYPE_RULE } from "../job/names.ts";
import { DuplicatePoolError, JobTypeConflictError } from "./errors.ts";
import { checkRunLimits, type HandlerEntry, MAX_CONCURRENCY, type RunLimits } from "./handler.ts";
import { MOST_AHEAD } from "./prefetch.ts";
import { checkWeights, weightsOf } from "./queue_weights.ts";
import { checkThreadOptions, THREAD_OPTIONS, type ThreadOptions } from "./thread_options.ts";
import type { ThreadPool } from "./thread_pool.ts";

/** A pool: slots that run some types from some queues, apart from all other pools. */
export interface PoolOptions extends RunLimits, ThreadOptions {
  /** Name, unique on its server. */
  readonly name: string;
  /**
   * Types it runs. `["*"]`: each type on the queues on which no other pool of the
   * server takes it; with `isolate`, all types of its module.
   * @default {["*"]}
   */
  readonly types?: readonly string[];
  /** Queues it takes from, in order of preference. @default {all queues} */
  readonly queues?: readonly string[];
  /** Jobs it runs at the same time, 1 to 100 000. @default {the number of cores} */
  readonly concurrency?: number;
  /** How it chooses between its `queues`; without them it serves all queues in turn. @default {"weighted"} */
  readonly strategy?: Strategy;
  /**
   * For `weighted`: how often each of its `queues` is asked first, beside the others; whole numbers
   * from 1 to 1 000 000. A queue that is not named has 1.
   * @default {n for the first of n queues, 1 for the last}
   */
  readonly weights?: Readonly<Record<string, number>>;
  /**
   * Most jobs that it may claim beyond those that it can start at once, to have them at
   * hand while it waits for the store. It does so where that hurts nobody: while there
   * is a backlog and handlers take less time than a round trip to the store. They are
   * given back when they cannot be started soon, or at the stop; a job that was not
   * started counts no delivery if its server dies. At most 400; 0 for none.
   *
   * @default {128}
   */
  readonly prefetch?: number;
}

/** A pool, ready to run. */
export interface PoolPlan extends RunLimits {
  readonly name: string;
  readonly concurrency: number;
  readonly strategy: Strategy;
  readonly prefetch: number;
  readonly sources: readonly Source[];
  /** Of each source, where they were given. */
  readonly weights?: readonly number[];
  /** Where its handlers run, unless it is the main thread. */
  readonly threads?: PoolThreads;
}

/** The threads of a pool, and what may be said about their handlers. */
export interface PoolThreads {
  readonly pool: ThreadPool;
  readonly handlers: NonNullable<ThreadOptions["handlers"]>;
}

/** A pool of threads, open, with the types that it is to run. */
export interface OpenThreads extends PoolThreads {
  readonly types: readonly string[];
}

const KNOWN = [
  ...THREAD_OPTIONS,
  "name",
  "types",
  "queues",
  "concurrency",
  "strategy",
  "weights",
  "prefetch",
  "timeoutMs",
  "graceMs",
  "maxRetry",
  "backoff",
];

/** Most jobs that a pool may be told to hold ahead. */
const MAX_PREFETCH = 400;

/** Name of the pool for handlers that no other pool takes. */
const DEFAULT_POOL = "default";

/**
 * Checks the options of a pool.
 *
 * @throws {InvalidOptionError} If one is unknown or breaks its rule.
 */
export function checkPoolOptions(options: PoolOptions): void {
  const action = "add pool";
  checkKeys(action, options, KNOWN);
  const { name, types, queues, concurrency, strategy, prefetch } = options;
  if (typeof name !== "string" || name === "") {
    throw new InvalidOptionError(action, "name", "be a string that is not empty", name);
  }
  if (concurrency !== undefined) {
    checkInteger(action, "concurrency", concurrency, 1, MAX_CONCURRENCY);
  }
  if (prefetch !== undefined) checkInteger(action, "prefetch", prefetch, 0, MAX_PREFETCH);
  if (strategy !== undefined) checkOneOf(action, "strategy", strategy, strategies);
  if (strategy !== undefined && queues === undefined) {
    throw new InvalidOptionError(action, "strategy", "not be given without 'queues'", strategy);
  }
  checkRunLimits(action, options);
  checkThreadOptions(action, options);
  if (types !== undefined) checkNames(action, "types", types, isJobType, TYPE_RULE);
  if (queues !== undefined) checkNames(action, "queues", queues, isQueueName, QUEUE_RULE);
  checkWeights(action, options);
  if (types !== undefined && types.length > 1 && types.includes("*")) {
    throw new InvalidOptionError(action, "types", "hold '*' alone or not at all", types);
  }
}

/**
 * Divides the types among the pools: first those that name them, then the pools
 * of handlers with a `concurrency`, then the catch-all, and a default pool for
 * what is left. Pools of threads have handlers of their own.
 *
 * @param threads The threads of each pool that has some, by its name.
 * @throws {DuplicatePoolError} If two pools have one name.
 * @throws {JobTypeConflictError} If two pools would take one type from one queue,
 * or threads take a type from all queues from which its handler would.
 */
export function planPools(
  pools: readonly PoolOptions[],
  handlers: readonly HandlerEntry[],
  cores: number,
  threads: ReadonlyMap<string, OpenThreads> = new Map(),
): readonly PoolPlan[] {
  const types = new Set(handlers.map(({ type }) => type));
  const own = handlers
    .filter(({ options }) => options.concurrency !== undefined)
    .map(({ type, options }): PoolOptions => ({
      name: type,
      types: [type],
      concurrency: options.concurrency,
    }));
  const given = pools.map((pool): PoolOptions => ({
    ...pool,
    types: threads.get(pool.name)?.types ?? pool.types,
  }));
  const named = [...given.filter((pool) => !isCatchAll(pool)), ...own];
  const catchAlls = given.filter(isCatchAll);
  checkDistinct([...pools, ...own]);
  const takers = takersOf(named);
  if (catchAlls.length > 1) {
    throw new JobTypeConflictError("*", catchAlls[0]!.name, catchAlls[1]!.name);
  }

  const plans = named.map((pool) => {
    const { pool: own, handlers = {}, types: ofModule } = threads.get(pool.name) ?? {};
    const sources = sourcesOf(pool, ofModule === undefined ? types : new Set(ofModule));
    return plan(pool, sources, cores, own && { pool: own, handlers });
  });
  const taken = new Set(
    plans.flatMap((one) => one.threads ? [] : one.sources.flatMap((source) => source.types)),
  );
  const untaken = new Set([...types].filter((type) => !taken.has(type)));
  let last = catchAlls[0];
  if (last !== undefined) {
    plans.push(plan(last, restOf(last, types, takers), cores));
  } else if (untaken.size > 0) {
    let name = DEFAULT_POOL;
    while (plans.some((other) => other.name === name)) name += "-rest";
    last = { name };
    const others = new Map([...takers].filter(([type]) => untaken.has(type)));
    plans.push(plan(last, restOf(last, untaken, others), cores));
  }
  if (last !== undefined) checkReached(untaken, plans, last.name, takers);
  return plans.filter(({ sources }) => sources.some((source) => source.types.length > 0));
}

/** A handler that no pool calls, since threads take its type wherever it could, is a mistake. */
function checkReached(
  types: ReadonlySet<string>,
  plans: readonly PoolPlan[],
  pool: string,
  takers: Takers,
): void {
  const { sources } = plans.at(-1)!;
  for (const type of types) {
    if (sources.some((source) => source.types.includes(type))) continue;
    throw new JobTypeConflictError(type, [...takers.get(type)!.values()][0]!, pool);
  }
}

/** Who takes a type: pools by queue, `null` standing for all queues. */
type Takers = ReadonlyMap<string, ReadonlyMap<string | null, string>>;

function isCatchAll({ types }: PoolOptions): boolean {
  return types === undefined || types[0] === "*";
}

function checkDistinct(pools: readonly { readonly name: string }[]): void {
  const names = new Set<string>();
  for (const { name } of pools) {
    if (names.has(name)) throw new DuplicatePoolError(name);
    names.add(name);
  }
}

function takersOf(pools: readonly PoolOptions[]): Takers {
  const takers = new Map<string, Map<string | null, string>>();
  for (const pool of pools) {
    for (const type of pool.types!) {
      const byQueue = takers.get(type) ?? new Map<string | null, string>();
      takers.set(type, byQueue);
      for (const queue of pool.queues ?? [null]) {
        const other = queue === null
          ? byQueue.values().next().value
          : byQueue.get(queue) ?? byQueue.get(null);
        if (other !== undefined) throw new JobTypeConflictError(type, other, pool.name);
        byQueue.set(queue, pool.name);
      }
    }
  }
  return takers;
}

function sourcesOf(pool: PoolOptions, handled: ReadonlySet<string>): Source[] {
  const types = pool.types!.filter((type) => handled.has(type));
  return (pool.queues ?? [null]).map((queue) => ({ queue, types }));
}

/** What a catch-all takes: each type on the queues on which no other pool takes it. */
function restOf(pool: PoolOptions, handled: ReadonlySet<string>, takers: Takers): Source[] {
  const free = (type: string, queue: string | null): boolean => {
    const byQueue = takers.get(type);
    return byQueue === undefined || !(byQueue.has(null) || byQueue.has(queue));
  };
  const freeOn = (queue: string | null): Source => ({
    queue,
    types: [...handled].filter((type) => free(type, queue)),
  });
  if (pool.queues !== undefined) return pool.queues.map(freeOn);
  const special = new Set<string>();
  for (const byQueue of takers.values()) {
    for (const queue of byQueue.keys()) if (queue !== null) special.add(queue);
  }
  return [...[...special].map(freeOn), freeOn(null)];
}

function plan(
  options: PoolOptions,
  sources: readonly Source[],
  cores: number,
  threads?: PoolThreads,
): PoolPlan {
  const {
    name,
    concurrency = cores,
    strategy = "weighted",
    prefetch = MOST_AHEAD,
    queues,
    weights,
    timeoutMs,
    graceMs,
    maxRetry,
    backoff,
  } = options;
  return {
    name,
    concurrency,
    // A pool that names no queues prefers none of them.
    strategy: queues === undefined ? "round_robin" : strategy,
    prefetch,
    sources,
    timeoutMs,
    graceMs,
    maxRetry,
    backoff,
    ...queues && weights && { weights: weightsOf(queues, weights) },
    ...threads && { threads },
  };
}
