/**
 * The memory store: the readable specification of the port, the store of tests,
 * and a queue for work that may be lost with the process. Every verb runs to
 * its end without a pause, so that each is atomic.
 *
 * @module
 */

import { type Clock, systemClock } from "../../clock.ts";
import type { JobRecord } from "../../job/job.ts";
import { isFinal, type JobStatus } from "../../job/state.ts";
import { VERSION } from "../../version.ts";
import { checkDays, checkSeriesQuery } from "../check_series.ts";
import { StoreClosedError } from "../errors.ts";
import { resolveRetention } from "../retention.ts";
import type {
  ActionReply,
  CheckReply,
  CheckRequest,
  ChildrenReply,
  ClaimReply,
  ClaimRequest,
  ClaimSource,
  CountRow,
  DayRow,
  EnqueueReply,
  ErrorGroupQuery,
  ErrorGroupsReply,
  EventFeed,
  HeartbeatReply,
  HeartbeatRequest,
  HitReply,
  HitRule,
  JobAction,
  LimitRow,
  LimitTarget,
  ListQuery,
  ListReply,
  Memo,
  MemosReply,
  NewJob,
  NoMemo,
  OldestRow,
  PageQuery,
  PageReply,
  ParentsReply,
  PartQuery,
  PauseTarget,
  Report,
  RetentionLimits,
  RuleLimits,
  ScheduleChange,
  ScheduleChangeReply,
  ScheduleHistoryReply,
  ScheduleQuery,
  SchedulesReply,
  SeriesQuery,
  SeriesReply,
  ServersReply,
  SettleReply,
  SettleRequest,
  StepReply,
  Store,
  StoreInfo,
  TotalsRow,
  TrailReply,
  WakeSource,
} from "../store.ts";
import { claim, heartbeat, reap } from "./claim.ts";
import { act, pause, setLimit } from "./control.ts";
import { check } from "./doctor.ts";
import { enqueueGroup } from "./enqueue.ts";
import { toRecord } from "./entry.ts";
import { counts, list } from "./inspect.ts";
import { oldest } from "./oldest.ts";
import { page, parents } from "./pages.ts";
import { expire, promote } from "./ready.ts";
import { prune } from "./retain.ts";
import { changeSchedule, scheduleHistory, schedules } from "./schedules.ts";
import { report, settle } from "./settle.ts";
import { leave, listServers } from "./servers.ts";
import { MemoryState } from "./state.ts";

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** How long final jobs are kept. @default {7 d, 30 d, 100 000 per queue and status} */
  readonly retention?: Partial<RetentionLimits>;
  /** Decides what is due. @default {the system's clock} */
  readonly clock?: Clock;
}

/**
 * Makes a store that lives and dies with this object. Give the same object to
 * the client and the server.
 *
 * @throws {InvalidOptionError} If a retention limit is out of range.
 *
 * @example
 * ```ts
 * import { Client, memoryStore, Server } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const store = memoryStore();
 * await using client = new Client({ store });
 * await using server = new Server({ store, logLevel: "error" });
 * server.handle("greet", ({ job }) => `Hello, ${job.payload}`);
 * await server.start();
 *
 * const greeting = await client.enqueue("greet", "Ada");
 * equal(await greeting.result(), "Hello, Ada");
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const limits = resolveRetention(options.retention);
  return new MemoryStore(new MemoryState(options.clock ?? systemClock, limits));
}

class MemoryStore implements Store {
  readonly description = "memory:";
  readonly #state: MemoryState;
  #closed = false;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  open(): Promise<void> {
    return this.#run(() => {});
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#state.wakes.all();
    this.#state.holders.all();
    this.#state.finals.close();
    this.#state.events.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  enqueue(groups: readonly (readonly NewJob[])[]): Promise<EnqueueReply[]> {
    return this.#run((state) => groups.map((group) => enqueueGroup(state, group)));
  }

  promote(limit: number): Promise<StepReply> {
    return this.#run((state) => promote(state, limit));
  }

  expire(limit: number): Promise<StepReply> {
    return this.#run((state) => expire(state, limit));
  }

  subscribe(sources: readonly ClaimSource[]): WakeSource {
    if (this.#closed) throw new StoreClosedError(this.description);
    return this.#state.wakes.subscribe(sources);
  }

  claim(request: ClaimRequest): Promise<ClaimReply> {
    return this.#run((state) => claim(state, request));
  }

  heartbeat(request: HeartbeatRequest): Promise<HeartbeatReply> {
    return this.#run((state) => heartbeat(state, request));
  }

  reap(request: { readonly limit: number; readonly maxDeliveries: number }): Promise<StepReply> {
    return this.#run((state) => reap(state, request));
  }

  settle(request: SettleRequest): Promise<SettleReply> {
    return this.#run((state) => settle(state, request));
  }

  relay(_limit: number): Promise<StepReply> {
    return this.#run(() => ({ moved: 0, nextInMs: null }));
  }

  report(reports: readonly Report[]): Promise<("ok" | "lost")[]> {
    return this.#run((state) => report(state, reports));
  }

  prune(limit: number): Promise<StepReply> {
    return this.#run((state) => prune(state, limit));
  }

  act(
    ids: readonly string[],
    action: JobAction,
    from?: JobStatus,
    before?: number,
  ): Promise<ActionReply[]> {
    return this.#run((state) => ids.map((id) => act(state, id, action, from, before)));
  }

  pause(target: PauseTarget, paused: boolean): Promise<void> {
    return this.#run((state) => pause(state, target, paused));
  }

  paused(): Promise<PauseTarget[]> {
    return this.#run((state) => [...state.paused.values()]);
  }

  changeSchedule(change: ScheduleChange): Promise<ScheduleChangeReply> {
    return this.#run((state) => changeSchedule(state, change));
  }

  schedules(query: ScheduleQuery): Promise<SchedulesReply> {
    return this.#run((state) => schedules(state, query));
  }

  scheduleHistory(
    id: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ScheduleHistoryReply> {
    return this.#run((state) => scheduleHistory(state, id, page));
  }

  setLimit(target: LimitTarget, limits: RuleLimits | null): Promise<boolean> {
    return this.#run((state) => setLimit(state, target, limits));
  }

  limits(): Promise<LimitRow[]> {
    return this.#run((state) => state.meters.rows());
  }

  watchClaims(server: string): WakeSource {
    if (this.#closed) throw new StoreClosedError(this.description);
    return this.#state.holders.watch(server);
  }

  servers(page: { readonly limit: number; readonly cursor?: string }): Promise<ServersReply> {
    return this.#run((state) => listServers(state, page));
  }

  leave(server: string): Promise<void> {
    return this.#run((state) => leave(state, server));
  }

  children(
    id: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<ChildrenReply> {
    return this.#run((state) => state.graph.children(id, limit, cursor));
  }

  getJobs(ids: readonly string[]): Promise<(JobRecord | null)[]> {
    return this.#run((state) =>
      ids.map((id) => {
        const entry = state.jobs.get(id);
        return entry === undefined ? null : toRecord(entry);
      })
    );
  }

  list(query: ListQuery): Promise<ListReply> {
    return this.#run((state) => list(state, query));
  }

  page(query: PageQuery): Promise<PageReply> {
    return this.#run((state) => page(state, query));
  }

  parents(query: PartQuery): Promise<ParentsReply> {
    return this.#run((state) => parents(state, query));
  }

  watchEvents(after?: string): Promise<EventFeed> {
    return this.#run((state) => state.events.watch(after));
  }

  info(): Promise<StoreInfo> {
    return this.#run(() => ({
      kind: "memory",
      version: VERSION,
      layoutVersion: null,
      sizeBytes: null,
      latencyMs: 0,
      opsPerSecond: null,
      connections: null,
      uptimeMs: null,
      warnings: ["Jobs are lost with the process: name a file or Redis to keep them"],
    }));
  }

  counts(): Promise<CountRow[]> {
    return this.#run(counts);
  }

  oldest(): Promise<OldestRow[]> {
    return this.#run(oldest);
  }

  sample(): Promise<StepReply> {
    return this.#run(({ insight, errors, lanes, clock }) => {
      if (insight.isDue(clock.now())) errors.letGo(clock.now());
      return insight.sample(
        [...lanes.values()].flatMap((types) => [...types.values()]),
        clock.now(),
      );
    });
  }

  errorGroups(query: ErrorGroupQuery): Promise<ErrorGroupsReply> {
    return this.#run(({ errors }) => errors.list(query));
  }

  series(query: SeriesQuery): Promise<SeriesReply> {
    return this.#run(({ insight, clock }) => {
      checkSeriesQuery(query);
      return insight.series(query, clock.now());
    });
  }

  totals(): Promise<TotalsRow[]> {
    return this.#run(({ insight }) => insight.totals());
  }

  days(count: number): Promise<DayRow[]> {
    return this.#run(({ insight, clock }) => {
      checkDays(count);
      return insight.days(count, clock.now());
    });
  }

  putMemos(memos: readonly (Memo | NoMemo)[]): Promise<void> {
    return this.#run(({ desk }) => desk.putMemos(memos));
  }

  addMemo(memo: Memo): Promise<string | null> {
    return this.#run(({ desk }) => desk.addMemo(memo));
  }

  memos(keys: readonly string[]): Promise<(string | null)[]> {
    return this.#run(({ desk }) => desk.memos(keys));
  }

  memosUnder(
    prefix: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<MemosReply> {
    return this.#run(({ desk }) => desk.memosUnder(prefix, page));
  }

  hit(key: string, rule: HitRule): Promise<HitReply> {
    return this.#run(({ desk }) => desk.hit(key, rule));
  }

  unhit(key: string, count?: number): Promise<void> {
    return this.#run(({ desk }) => desk.unhit(key, count));
  }

  addToTrail(
    name: string,
    texts: readonly string[],
    limits: { readonly most: number },
  ): Promise<void> {
    return this.#run(({ desk }) => desk.addToTrail(name, texts, limits));
  }

  trail(
    name: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<TrailReply> {
    return this.#run(({ desk }) => desk.trail(name, page));
  }

  check(request: CheckRequest): Promise<CheckReply> {
    return this.#run((state) => check(state, request));
  }

  awaitFinal(id: string, signal?: AbortSignal): Promise<JobRecord | null | undefined> {
    return this.#run((state) => {
      const entry = state.jobs.get(id);
      if (entry === undefined) return null;
      return isFinal(entry.status) ? toRecord(entry) : state.finals.wait(id, signal);
    });
  }

  #run<T>(verb: (state: MemoryState) => T | Promise<T>): Promise<T> {
    try {
      if (this.#closed) throw new StoreClosedError(this.description);
      const result = Promise.resolve(verb(this.#state));
      this.#state.parking.tell();
      return result;
    } catch (error) {
      return Promise.reject(error);
    }
  }
}
