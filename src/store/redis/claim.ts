/**
 * The cycle of stages 3 and 5 on Redis: settle, and claim the next.
 *
 * @module
 */

import type { ClaimedJob, Holder } from "../../job/job.ts";
import type {
  ClaimReply,
  ClaimRequest,
  ClaimSource,
  Hold,
  Outcome,
  RetentionLimits,
  SettleReply,
  SettleRequest,
  SettleResult,
} from "../store.ts";
import { fetchBigs } from "./big_text.ts";
import { escapeName } from "./claim_text.ts";
import { type DecodedRecord, decodeRecord } from "./codec.ts";
import { RecordReader } from "./record_text.ts";
import { encodeOutcomes } from "./outcome_args.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { fromShort } from "./short_id.ts";

type Arg = string | number;

/** What the verbs of this file work with. */
export interface ClaimContext {
  readonly runner: ScriptRunner;
  /** Default retention, as scripts take it. */
  readonly retention: readonly number[];
  /** Queue that a pool's source of all queues was served from last. */
  readonly turns: Map<string, string>;
  /** Whether a wake token of one of these was taken that no claim has followed; asking clears it. */
  readonly takeWoken: (sources: readonly ClaimSource[]) => boolean;
}

/** Most outcomes, and most claims, of one call. */
const MAX_JOBS = 500;
/** Queues that one call looks at for a source of all queues. */
const QUEUES_PER_CALL = 256;

/** The default retention as scripts take it. */
export function retentionArgs({ completedMs, failedMs, maxCount }: RetentionLimits): number[] {
  return [completedMs, failedMs, maxCount];
}

/** See `ClaimStage.claim`. */
export async function claim(context: ClaimContext, request: ClaimRequest): Promise<ClaimReply> {
  let jobs: readonly ClaimedJob[] = [];
  let { sources } = request;
  let looks = 1;
  while (true) {
    const limit = Math.min(request.limit - jobs.length, MAX_JOBS);
    const part = { ...request, sources, limit, ahead: aheadOf(request, jobs.length, limit) };
    const woken = context.takeWoken(sources);
    const args = (again: boolean): Arg[] => [
      ...context.retention,
      "",
      ...claimArgs(context, part, woken, again),
    ];
    const [reply] = await context.runner.call("claim", args);
    const claimed = await decodeClaims(context, part, reply as RawClaims);
    jobs = jobs.length === 0 ? claimed.jobs : [...jobs, ...claimed.jobs];
    const { nextDueInMs, unseen } = claimed;
    if (jobs.length >= request.limit) return { jobs, nextDueInMs };
    if (claimed.jobs.length < limit) {
      // Of a great many queues one call looks at some: once round is enough to know that there is nothing.
      if (jobs.length === 0 && looks++ <= Math.ceil(unseen / QUEUES_PER_CALL)) continue;
      return { jobs, nextDueInMs: jobs.length > 0 && unseen > 0 ? 0 : nextDueInMs };
    }
    sources = withoutServed(sources, claimed.jobs);
  }
}

/** Arguments of a claim that waits behind a blocking call, which the list `own:{name}` calls off. */
export function waitingClaimArgs(
  context: ClaimContext,
  request: ClaimRequest,
  name: string,
): Arg[] {
  const limit = Math.min(request.limit, MAX_JOBS);
  return [...context.retention, name, ...claimArgs(context, { ...request, limit }, true, false)];
}

/** Arguments of a call that only asks what an earlier one with its tag has claimed. */
export function recallArgs(context: ClaimContext, request: ClaimRequest): Arg[] {
  const nothing = { ...request, limit: 0, ahead: 0 };
  return [...context.retention, "", ...claimArgs(context, nothing, false, true)];
}

/** Reads the reply to one of these; undefined if nothing was found, but there are queues left to look at. */
export async function readClaims(
  context: ClaimContext,
  request: ClaimRequest,
  reply: unknown,
): Promise<ClaimReply | undefined> {
  const { jobs, nextDueInMs, unseen } = await decodeClaims(context, request, reply as RawClaims);
  if (jobs.length === 0 && unseen > 0) return undefined;
  return { jobs, nextDueInMs: unseen > 0 && jobs.length < request.limit ? 0 : nextDueInMs };
}

/** How many of the next `limit` jobs are claimed ahead, when some were claimed before. */
function aheadOf(
  { limit: asked, ahead = 0 }: ClaimRequest,
  claimed: number,
  limit: number,
): number {
  return Math.max(0, limit - Math.max(0, asked - ahead - claimed));
}

/** What is left of the shares after some jobs were claimed. */
function withoutServed(
  sources: readonly ClaimSource[],
  jobs: readonly ClaimedJob[],
): readonly ClaimSource[] {
  const served = new Map<string | null, number>();
  const named = new Set(sources.map(({ queue }) => queue));
  for (const { queue } of jobs) {
    const source = named.has(queue) ? queue : null;
    served.set(source, (served.get(source) ?? 0) + 1);
  }
  return sources.map((source) => ({
    ...source,
    share: Math.max(0, source.share - (served.get(source.queue) ?? 0)),
  }));
}

function claimArgs(
  { turns }: ClaimContext,
  { server, pool, sources, limit, ahead = 0, leaseMs }: ClaimRequest,
  woken: boolean,
  again: boolean,
): Arg[] {
  const args: Arg[] = [
    limit,
    ahead === 0 ? "" : ahead,
    escapeName(server),
    escapeName(pool),
    Math.ceil(leaseMs),
    woken ? "1" : "",
    again ? "1" : "",
    turns.get(pool) ?? "",
    sources.length,
  ];
  for (const { queue, types, share } of sources) {
    const distinct = types.length > 1 ? [...new Set(types)] : types;
    args.push(queue ?? "", Math.min(share, limit), distinct.length, ...distinct);
  }
  return args;
}

type RawClaims = [
  fence: string,
  waitMs: string,
  more: string,
  turn: string,
  now: string,
  ids: string[],
  records: string[],
  pasts: [position: number, state: string, told: string, logs: string[]][],
  repeated?: string[],
];

async function decodeClaims(
  context: ClaimContext,
  { server, pool, leaseMs }: ClaimRequest,
  reply: RawClaims,
): Promise<ClaimReply & { readonly unseen: number }> {
  const [first, wait, more, turn, now, ids, records, pasts, repeated] = reply;
  const pastOf = new Map(pasts.map(([position, ...past]) => [position - 1, past]));
  if (turn !== "") context.turns.set(pool, turn);
  const firstFence = Number(first);
  const claimedAt = Number(now);
  const leaseUntil = claimedAt + Math.ceil(leaseMs);
  const reader = new RecordReader();
  const decoded: DecodedRecord[] = [];
  const suspects = new Set<string>();
  const broken: Hold[] = [];
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    const record = records[i]!;
    const claim = repeated?.[i]?.split("|");
    const fence = claim === undefined ? firstFence + i : Number(claim[0]);
    const at = claim === undefined ? claimedAt : Number(claim[1]);
    const holder: Holder = { fence, server, pool, claimedAt: at, leaseUntil };
    const [state, told, logs] = (pastOf.size > 0 ? pastOf.get(i) : undefined) ?? NO_PAST;
    if (state !== "" && SUSPECT.test(state)) suspects.add(fromShort(id));
    try {
      decoded.push(decodeRecord({ id, record, state, holder, runAt: null, told, logs }, reader));
    } catch {
      broken.push({ id: fromShort(id), fence });
    }
  }
  const { records: jobs, missing } = await fetchBigs(context.runner, decoded);
  for (const { id, holder } of missing) broken.push({ id, fence: holder!.fence });
  if (broken.length > 0) await bury(context, broken);
  const again = more === "1" || broken.length > 0;
  const nextDueInMs = again ? 0 : wait === "" ? null : Number(wait);
  const claimed = jobs as readonly ClaimedJob[];
  const unseen = more.startsWith("q") ? Number(more.slice(1)) : 0;
  if (suspects.size === 0) return { jobs: claimed, nextDueInMs, unseen };
  const told = claimed.map((job) => suspects.has(job.id) ? { ...job, suspect: true } : job);
  return { jobs: told, nextDueInMs, unseen };
}

/** The state of a job that a server held ahead which died. */
const SUSPECT = /^w(\|\d+){4}\|\|s/;

/** State, progress and log lines of a job that never ran. */
const NO_PAST: readonly [string, string, readonly string[]] = ["", "", []];

/** Jobs whose record cannot be read would be claimed again and again. */
async function bury(context: ClaimContext, holds: readonly Hold[]): Promise<void> {
  const error = { message: "The job's record or payload is damaged or gone" };
  const outcomes = holds.map((hold): Outcome => ({
    ...hold,
    verdict: { kind: "dead_letter", error },
    ranMs: 0,
  }));
  await settle(context, { outcomes });
}

const results: Readonly<Record<string, SettleResult>> = { o: "ok", a: "already", l: "lost" };

/** See `SettleStage.settle`. */
export async function settle(
  context: ClaimContext,
  { outcomes, startMark, claim: wanted }: SettleRequest,
): Promise<SettleReply> {
  const all: SettleResult[] = [];
  let from = 0;
  while (true) {
    const part = outcomes.length <= MAX_JOBS ? outcomes : outcomes.slice(from, from + MAX_JOBS);
    from += part.length;
    const last = from >= outcomes.length;
    const next = last && wanted !== undefined ? firstPart(wanted) : undefined;
    const woken = next !== undefined && context.takeWoken(next.sources);
    const encoded = encodeOutcomes(context.runner, part, last ? startMark : undefined);
    const args = (again: boolean): Arg[] => [
      ...context.retention,
      ...encoded.args,
      ...next === undefined ? [] : claimArgs(context, next, woken, again),
    ];
    const [text, raw] = await context.runner.call("settle", args, encoded.results);
    if (text === "") { for (let i = 0; i < part.length; i++) all.push("ok"); }
    else for (const char of text as string) all.push(results[char]!);
    if (!last) continue;
    if (next === undefined) return { results: all };
    const { jobs, nextDueInMs, unseen } = await decodeClaims(context, next, raw as RawClaims);
    if (jobs.length < next.limit && unseen > 0) {
      return { results: all, claimed: { jobs, nextDueInMs: 0 } };
    }
    if (jobs.length < next.limit || next.limit === wanted!.limit) {
      return { results: all, claimed: { jobs, nextDueInMs } };
    }
    const sources = withoutServed(wanted!.sources, jobs);
    const limit = wanted!.limit - next.limit;
    const ahead = aheadOf(wanted!, next.limit, limit);
    const rest = await claim(context, { ...wanted!, sources, limit, ahead });
    return { results: all, claimed: { ...rest, jobs: [...jobs, ...rest.jobs] } };
  }
}

/** The part of a claim that one call has room for. */
function firstPart(wanted: ClaimRequest): ClaimRequest {
  const limit = Math.min(wanted.limit, MAX_JOBS);
  return { ...wanted, limit, ahead: aheadOf(wanted, 0, limit) };
}
