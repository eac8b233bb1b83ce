/**
 * The Redis store: for production. Every transition is one script on the keys
 * of one hash tag (docs/adr/0003-redis-layout.md).
 *
 * @module
 */

import type { JobRecord } from "../../job/job.ts";
import type { JobStatus } from "../../job/state.ts";
import { InvalidOptionError } from "../../errors.ts";
import type { CheckReply, CheckRequest } from "../doctor_stage.ts";
import { StoreClosedError } from "../errors.ts";
import type {
  ActionReply,
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
import { claim, settle } from "./claim.ts";
import { decodeStep, heartbeat, reap, report } from "./leases.ts";
import { isClient, type RedisClient } from "./client.ts";
import { act, listPaused, pause } from "./control.ts";
import * as desk from "./desk.ts";
import { check } from "./doctor.ts";
import { enqueue } from "./enqueue.ts";
import { errorGroups } from "./errors.ts";
import { days, sample, series, totals } from "./insight.ts";
import { children, counts, getJobs, list } from "./inspect.ts";
import { listLimits, setLimit } from "./limits.ts";
import {
  readUrl,
  type RedisAddress,
  type RedisStoreOptions,
  resolveOptions,
  showAddress,
} from "./options.ts";
import { oldest } from "./oldest.ts";
import { page, parents } from "./pages.ts";
import { changeSchedule, scheduleHistory, schedules } from "./schedules.ts";
import { leave, listServers } from "./servers.ts";
import { Session } from "./session.ts";

/**
 * Makes a store on Redis 6.2 or later, or Valkey.
 *
 * @param target `redis://[user[:password]@]host[:port][/db][?prefix=P]`, `rediss://…` with TLS,
 * `unix:/path/to/socket`, or an ioredis client (5 or 6), which also reaches Redis through Sentinel:
 * the store makes its own connections as that one is made, and never closes it.
 * @throws {StoreUrlError} If the URL is not one of these.
 * @throws {InvalidOptionError} If an option is unknown or out of range.
 *
 * @example
 * ```ts
 * import { redisStore } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * const store = redisStore("redis://app:secret@localhost:6379/1", { prefix: "shop" });
 * equal(store.description, "redis://localhost:6379/1, prefix 'shop'");
 * await store.close();
 * ```
 */
export function redisStore(target: string | RedisClient, options: RedisStoreOptions = {}): Store {
  if (typeof target !== "string" && !isClient(target)) {
    throw new InvalidOptionError("open store", "target", "be a URL or an ioredis client", target);
  }
  const { address, prefix }: { address: RedisAddress | RedisClient; prefix?: string } =
    isClient(target) ? { address: target } : readUrl(target);
  const resolved = resolveOptions({ ...options, prefix: options.prefix ?? prefix ?? "gqm" });
  if (options.tls !== undefined && (isClient(address) || address.tls === undefined)) {
    throw new InvalidOptionError("open store", "tls", "be given with a rediss:// URL", options.tls);
  }
  const place = isClient(address) ? "redis, by a client" : showAddress(address);
  const own = resolved.prefix === "gqm" ? "" : `, prefix '${resolved.prefix}'`;
  const to = !isClient(address) && address.tls !== undefined && options.tls !== undefined
    ? { ...address, tls: options.tls }
    : address;
  const description = `${place}${own}`;
  return new RedisStore(
    new Session(to, resolved, description),
    description,
    recipeOf(target, resolved.prefix, options),
  );
}

/** Nothing that is a function goes into another thread. */
function recipeOf(
  target: string | RedisClient,
  prefix: string,
  { tls, connectTimeoutMs, patienceMs, replyTimeoutMs, clock }: RedisStoreOptions,
): StoreRecipe | undefined {
  if (typeof target !== "string" || clock !== undefined) return undefined;
  const given = { tls, connectTimeoutMs, patienceMs, replyTimeoutMs };
  const options = Object.entries(given).filter(([, value]) => value !== undefined);
  return { url: target, options: { prefix, ...Object.fromEntries(options) } };
}

class RedisStore implements Store {
  readonly description: string;
  readonly isPipelined = true;
  readonly #session: Session;
  readonly #recipe: StoreRecipe | undefined;
  #closed: Promise<void> | undefined;

  constructor(session: Session, description: string, recipe: StoreRecipe | undefined) {
    this.#session = session;
    this.description = description;
    this.#recipe = recipe;
  }

  recipe(): StoreRecipe | undefined {
    return this.#recipe;
  }

  open(): Promise<void> {
    return this.#run(async (session) => {
      try {
        await session.open();
      } catch (error) {
        throw this.#closed === undefined ? error : new StoreClosedError(this.description);
      }
    });
  }

  close(): Promise<void> {
    return this.#closed ??= this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  enqueue(groups: readonly (readonly NewJob[])[]): Promise<EnqueueReply[]> {
    return this.#run(({ claims }) => enqueue(claims, groups));
  }

  promote(limit: number): Promise<StepReply> {
    return this.#run(async ({ runner }) => decodeStep(await runner.call("promote", [limit])));
  }

  expire(limit: number): Promise<StepReply> {
    return this.#run(async ({ runner, claims }) =>
      decodeStep(await runner.call("expire", [...claims.retention, limit]))
    );
  }

  subscribe(sources: readonly ClaimSource[]): WakeSource {
    if (this.#closed !== undefined) throw new StoreClosedError(this.description);
    return this.#session.waker.subscribe(sources);
  }

  claim(request: ClaimRequest): Promise<ClaimReply> {
    return this.#run(({ claims }) => claim(claims, request));
  }

  heartbeat(request: HeartbeatRequest): Promise<HeartbeatReply> {
    return this.#run(({ claims }) => heartbeat(claims, request));
  }

  reap(request: { readonly limit: number; readonly maxDeliveries: number }): Promise<StepReply> {
    return this.#run(({ claims }) => reap(claims, request));
  }

  settle(request: SettleRequest): Promise<SettleReply> {
    return this.#run(({ claims }) => settle(claims, request));
  }

  relay(limit: number): Promise<StepReply> {
    return this.#run(async ({ runner, claims }) =>
      decodeStep(await runner.call("relay", [...claims.retention, limit, ""]))
    );
  }

  report(reports: readonly Report[]): Promise<("ok" | "lost")[]> {
    return this.#run(({ claims }) => report(claims, reports));
  }

  prune(limit: number): Promise<StepReply> {
    return this.#run(async ({ runner, claims }) =>
      decodeStep(await runner.call("prune", [...claims.retention, limit]))
    );
  }

  act(
    ids: readonly string[],
    action: JobAction,
    from?: JobStatus,
    before?: number,
  ): Promise<ActionReply[]> {
    return this.#run(({ claims }) => act(claims, ids, action, from, before));
  }

  pause(target: PauseTarget, paused: boolean): Promise<void> {
    return this.#run(({ runner }) => pause(runner, target, paused));
  }

  paused(): Promise<PauseTarget[]> {
    return this.#run(({ runner }) => listPaused(runner));
  }

  changeSchedule(change: ScheduleChange): Promise<ScheduleChangeReply> {
    return this.#run(({ claims }) => changeSchedule(claims, change));
  }

  schedules(query: ScheduleQuery): Promise<SchedulesReply> {
    return this.#run(({ runner }) => schedules(runner, query));
  }

  scheduleHistory(
    id: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ScheduleHistoryReply> {
    return this.#run(({ runner }) => scheduleHistory(runner, id, page));
  }

  setLimit(target: LimitTarget, limits: RuleLimits | null): Promise<boolean> {
    return this.#run(({ runner }) => setLimit(runner, target, limits));
  }

  limits(): Promise<LimitRow[]> {
    return this.#run(({ runner }) => listLimits(runner));
  }

  watchClaims(server: string): WakeSource {
    if (this.#closed !== undefined) throw new StoreClosedError(this.description);
    return this.#session.watchClaims(server);
  }

  servers(page: { readonly limit: number; readonly cursor?: string }): Promise<ServersReply> {
    return this.#run(({ runner }) => listServers(runner, page));
  }

  leave(server: string): Promise<void> {
    return this.#run(({ runner }) => leave(runner, server));
  }

  getJobs(ids: readonly string[]): Promise<(JobRecord | null)[]> {
    return this.#run(({ runner }) => getJobs(runner, ids));
  }

  children(
    id: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ChildrenReply> {
    return this.#run(({ runner }) => children(runner, id, page));
  }

  list(query: ListQuery): Promise<ListReply> {
    return this.#run(({ runner }) => list(runner, query));
  }

  page(query: PageQuery): Promise<PageReply> {
    return this.#run(({ runner }) => page(runner, query));
  }

  parents(query: PartQuery): Promise<ParentsReply> {
    return this.#run(({ runner }) => parents(runner, query));
  }

  watchEvents(after?: string): Promise<EventFeed> {
    return this.#run((session) => session.watchEvents(after));
  }

  info(): Promise<StoreInfo> {
    return this.#run((session) => session.info());
  }

  counts(): Promise<CountRow[]> {
    return this.#run(({ runner }) => counts(runner));
  }

  awaitFinal(id: string, signal?: AbortSignal): Promise<JobRecord | null | undefined> {
    return this.#run(({ finals }) => finals.wait(id, signal));
  }

  oldest(): Promise<OldestRow[]> {
    return this.#run(({ runner }) => oldest(runner));
  }

  sample(): Promise<StepReply> {
    return this.#run(({ runner }) => sample(runner));
  }

  series(query: SeriesQuery): Promise<SeriesReply> {
    return this.#run(({ runner }) => series(runner, query));
  }

  errorGroups(query: ErrorGroupQuery): Promise<ErrorGroupsReply> {
    return this.#run(({ runner }) => errorGroups(runner, query));
  }

  totals(): Promise<TotalsRow[]> {
    return this.#run(({ runner }) => totals(runner));
  }

  days(count: number): Promise<DayRow[]> {
    return this.#run(({ runner }) => days(runner, count));
  }

  putMemos(memos: readonly (Memo | NoMemo)[]): Promise<void> {
    return this.#run(({ runner }) => desk.putMemos(runner, memos));
  }

  addMemo(memo: Memo): Promise<string | null> {
    return this.#run(({ runner }) => desk.addMemo(runner, memo));
  }

  memos(keys: readonly string[]): Promise<(string | null)[]> {
    return this.#run(({ runner }) => desk.memos(runner, keys));
  }

  memosUnder(
    prefix: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<MemosReply> {
    return this.#run(({ runner }) => desk.memosUnder(runner, prefix, page));
  }

  hit(key: string, rule: HitRule): Promise<HitReply> {
    return this.#run(({ runner }) => desk.hit(runner, key, rule));
  }

  unhit(key: string, count?: number): Promise<void> {
    return this.#run(({ runner }) => desk.unhit(runner, key, count));
  }

  addToTrail(
    name: string,
    texts: readonly string[],
    limits: { readonly most: number },
  ): Promise<void> {
    return this.#run(({ runner }) => desk.addToTrail(runner, name, texts, limits));
  }

  trail(
    name: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<TrailReply> {
    return this.#run(({ runner }) => desk.trail(runner, name, page));
  }

  check(request: CheckRequest): Promise<CheckReply> {
    return this.#run(({ claims }) => check(claims, request));
  }

  #run<T>(verb: (session: Session) => T | Promise<T>): Promise<T> {
    try {
      if (this.#closed !== undefined) throw new StoreClosedError(this.description);
      return Promise.resolve(verb(this.#session));
    } catch (error) {
      return Promise.reject(error);
    }
  }
}
