/**
 * The embedded store: all jobs in one SQLite file, which any number of
 * processes on one machine may use at once. Every verb is one transaction.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import type { JobRecord } from "../../job/job.ts";
import type { JobStatus } from "../../job/state.ts";
import { checkListQuery } from "../check_list.ts";
import { checkPageQuery, checkParentsQuery } from "../check_page.ts";
import { isByDueTime } from "../list_time.ts";
import { checkDays, checkSeriesQuery } from "../check_series.ts";
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
  StoreRecipe,
  TotalsRow,
  TrailReply,
  WakeSource,
} from "../store.ts";
import { claim } from "./claim.ts";
import { act } from "./control.ts";
import * as desk from "./desk.ts";
import { check } from "./doctor.ts";
import { children } from "./edges.ts";
import { enqueue } from "./enqueue.ts";
import { errorGroups } from "./errors.ts";
import { listen, mustListen, readEvents } from "./events.ts";
import { StoreFile } from "./file.ts";
import { relay } from "./graph.ts";
import { days, NEXT_SAMPLE, sample, series, totals } from "./insight.ts";
import { counts, DUE_CURSOR, getJob, list } from "./inspect.ts";
import { readInfo } from "./info.ts";
import { heartbeat, NEXT_REAP, reap } from "./lease.ts";
import { setLimit } from "./limits.ts";
import { Meters } from "./meters.ts";
import { type ResolvedSqliteOptions, resolveOptions, type SqliteStoreOptions } from "./options.ts";
import { oldest } from "./oldest.ts";
import { page, parents } from "./pages.ts";
import { pause, readPaused } from "./pause.ts";
import { expire, NEXT_EXPIRY, NEXT_PROMOTION, promoteStep } from "./ready.ts";
import { NEXT_RELAY } from "./relay_queue.ts";
import { report } from "./report.ts";
import { prune, retainAfterSettle, trimEnded } from "./retain.ts";
import { changeSchedule, scheduleHistory, schedules } from "./schedules.ts";
import { leave, listServers } from "./servers.ts";
import { settleOne } from "./settle.ts";
import { writeMark } from "./start_marks.ts";

export type { SqliteStoreOptions };

/**
 * Makes a store in a SQLite file, which is created if it is missing. Jobs
 * survive the death of the process and, unless told otherwise, the loss of
 * power. The file must be on a local disk.
 *
 * @param path Path of the file; its folder must exist.
 * @throws {InvalidOptionError} If the path or an option breaks its rule. What
 * is wrong with the file itself is thrown by `open`, as `StoreOpenError`.
 *
 * @example
 * ```ts
 * import { Client, sqliteStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 *
 * const folder = await mkdtemp(`${tmpdir()}/`);
 * await using store = sqliteStore(`${folder}/jobs.db`);
 * await using client = new Client({ store });
 * const { id } = await client.enqueue("greet", "Ada");
 * equal((await client.getJob(id))?.status, "ready");
 * ```
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  return new SqliteStore(resolveOptions(path, options), recipeOf(path, options));
}

/** Nothing that is a function goes into another thread. */
function recipeOf(
  path: string,
  { synchronous = "full", busyTimeoutMs, clock }: SqliteStoreOptions,
): StoreRecipe | undefined {
  if (clock !== undefined) return undefined;
  const wait = busyTimeoutMs === undefined ? {} : { busyTimeoutMs };
  return { url: `sqlite:${path}`, options: { synchronous, ...wait } };
}

class SqliteStore implements Store {
  readonly description: string;
  readonly #file: StoreFile;
  readonly #recipe: StoreRecipe | undefined;

  constructor(options: ResolvedSqliteOptions, recipe: StoreRecipe | undefined) {
    this.#file = new StoreFile(options);
    this.description = this.#file.description;
    this.#recipe = recipe;
  }

  recipe(): StoreRecipe | undefined {
    return this.#recipe;
  }

  open(): Promise<void> {
    return this.#file.open();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  enqueue(groups: readonly (readonly NewJob[])[]): Promise<EnqueueReply[]> {
    return this.#file.write((tx) => enqueue(tx, groups));
  }

  promote(limit: number): Promise<StepReply> {
    return this.#file.step(NEXT_PROMOTION, (tx) => promoteStep(tx, limit));
  }

  expire(limit: number): Promise<StepReply> {
    return this.#file.step(NEXT_EXPIRY, (tx) => expire(tx, limit));
  }

  subscribe(sources: readonly ClaimSource[]): WakeSource {
    return this.#file.engine.subscribe(sources);
  }

  claim(request: ClaimRequest): Promise<ClaimReply> {
    return this.#file.write((tx, { turns }) => {
      const reply = claim(tx, request, turns);
      trimEnded(tx);
      return reply;
    });
  }

  heartbeat(request: HeartbeatRequest): Promise<HeartbeatReply> {
    return this.#file.write((tx) => heartbeat(tx, request));
  }

  reap(request: { readonly limit: number; readonly maxDeliveries: number }): Promise<StepReply> {
    return this.#file.step(NEXT_REAP, (tx) => reap(tx, request));
  }

  settle(request: SettleRequest): Promise<SettleReply> {
    return this.#file.write((tx, { turns }) => {
      const results = request.outcomes.map((outcome) => settleOne(tx, outcome));
      if (request.startMark !== undefined) writeMark(tx.db, request.startMark);
      const claimed = request.claim && claim(tx, request.claim, turns);
      retainAfterSettle(tx, request.outcomes.length);
      return claimed === undefined ? { results } : { results, claimed };
    });
  }

  relay(limit: number): Promise<StepReply> {
    return this.#file.step(NEXT_RELAY, (tx) => relay(tx, limit));
  }

  report(reports: readonly Report[]): Promise<("ok" | "lost")[]> {
    return this.#file.write((tx) => reports.map((told) => report(tx, told)));
  }

  prune(limit: number): Promise<StepReply> {
    return this.#file.write((tx) => prune(tx, limit));
  }

  act(
    ids: readonly string[],
    action: JobAction,
    from?: JobStatus,
    before?: number,
  ): Promise<ActionReply[]> {
    return this.#file.write((tx) => ids.map((id) => act(tx, id, action, from, before)));
  }

  pause(target: PauseTarget, paused: boolean): Promise<void> {
    return this.#file.write((tx) => pause(tx, target, paused));
  }

  paused(): Promise<PauseTarget[]> {
    return this.#file.read(({ db }) => readPaused(db));
  }

  changeSchedule(change: ScheduleChange): Promise<ScheduleChangeReply> {
    return this.#file.write((tx) => changeSchedule(tx, change));
  }

  schedules(query: ScheduleQuery): Promise<SchedulesReply> {
    return this.#file.read(({ db, now }) => schedules(db, query, now));
  }

  scheduleHistory(
    id: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ScheduleHistoryReply> {
    return this.#file.read(({ db }) => scheduleHistory(db, id, page));
  }

  setLimit(target: LimitTarget, limits: RuleLimits | null): Promise<boolean> {
    return this.#file.write((tx) => setLimit(tx, target, limits));
  }

  limits(): Promise<LimitRow[]> {
    return this.#file.read((engine) => new Meters(engine).rows());
  }

  watchClaims(server: string): WakeSource {
    return this.#file.engine.watchClaims(server);
  }

  servers(page: { readonly limit: number; readonly cursor?: string }): Promise<ServersReply> {
    return this.#file.read(({ db, now }) => listServers(db, page, now));
  }

  leave(server: string): Promise<void> {
    return this.#file.write((tx) => leave(tx, server));
  }

  getJobs(ids: readonly string[]): Promise<(JobRecord | null)[]> {
    return this.#file.read(({ db, lanes }) => ids.map((id) => getJob(db, lanes, id)));
  }

  async list(query: ListQuery): Promise<ListReply> {
    checkListQuery(query, isByDueTime(query) ? DUE_CURSOR : undefined);
    return await this.#file.read(({ db, lanes }) => list(db, lanes, query));
  }

  async page(query: PageQuery): Promise<PageReply> {
    checkPageQuery(query);
    return await this.#file.read(({ db, lanes }) => page(db, lanes, query));
  }

  async parents(query: PartQuery): Promise<ParentsReply> {
    checkParentsQuery(query);
    return await this.#file.read(({ db, lanes }) => parents(db, lanes, query));
  }

  children(
    id: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ChildrenReply> {
    return this.#file.read(({ db }) => children(db, id, page));
  }

  async watchEvents(after?: string): Promise<EventFeed> {
    await this.#file.opened;
    return await this.#file.engine.watchEvents(after, async (number) => {
      const isDue = await this.#file.read(({ db, now }) => mustListen(db, now));
      if (isDue) await this.#file.write(listen);
      return await this.#file.read(({ db, now }) => readEvents(db, number, now));
    });
  }

  async info(): Promise<StoreInfo> {
    const askedAt = systemClock.mono();
    const info = await this.#file.read(({ db }) => readInfo(db));
    return { ...info, latencyMs: systemClock.mono() - askedAt };
  }

  counts(): Promise<CountRow[]> {
    return this.#file.read(({ db }) => counts(db));
  }

  oldest(): Promise<OldestRow[]> {
    return this.#file.read(({ db, lanes, now }) => oldest(db, lanes, now));
  }

  sample(): Promise<StepReply> {
    return this.#file.step(NEXT_SAMPLE, sample);
  }

  async series(query: SeriesQuery): Promise<SeriesReply> {
    checkSeriesQuery(query, /^\d{1,15}$/);
    return await this.#file.read(({ db, now }) => series(db, query, now));
  }

  errorGroups(query: ErrorGroupQuery): Promise<ErrorGroupsReply> {
    return this.#file.read(({ db }) => errorGroups(db, query));
  }

  totals(): Promise<TotalsRow[]> {
    return this.#file.read(({ db }) => totals(db));
  }

  async days(count: number): Promise<DayRow[]> {
    checkDays(count);
    return await this.#file.read(({ db, now }) => days(db, count, now));
  }

  putMemos(memos: readonly (Memo | NoMemo)[]): Promise<void> {
    return this.#file.write((tx) => desk.putMemos(tx, memos));
  }

  addMemo(memo: Memo): Promise<string | null> {
    return this.#file.write((tx) => desk.addMemo(tx, memo));
  }

  memos(keys: readonly string[]): Promise<(string | null)[]> {
    return this.#file.read(({ db, now }) => desk.memos(db, keys, now));
  }

  memosUnder(
    prefix: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<MemosReply> {
    return this.#file.read(({ db, now }) => desk.memosUnder(db, prefix, page, now));
  }

  hit(key: string, rule: HitRule): Promise<HitReply> {
    return this.#file.write((tx) => desk.countHit(tx, key, rule));
  }

  unhit(key: string, count?: number): Promise<void> {
    return this.#file.write((tx) => desk.giveBackHits(tx, key, count));
  }

  addToTrail(
    name: string,
    texts: readonly string[],
    limits: { readonly most: number },
  ): Promise<void> {
    return this.#file.write((tx) => desk.addToTrail(tx, name, texts, limits));
  }

  trail(
    name: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<TrailReply> {
    return this.#file.read(({ db }) => desk.trail(db, name, page));
  }

  check(request: CheckRequest): Promise<CheckReply> {
    return check(this.#file, request);
  }

  async awaitFinal(id: string, signal?: AbortSignal): Promise<JobRecord | null | undefined> {
    await this.#file.opened;
    const read = () => this.#file.read(({ db, lanes }) => getJob(db, lanes, id));
    return await this.#file.engine.awaitFinal(id, signal, read);
  }
}
