/** Steps of those who run jobs: claim, settle, report, heartbeat. */

import type { ClaimedJob } from "../../src/job/job.ts";
import type {
  ClaimReply,
  ClaimRequest,
  ClaimSource,
  HeartbeatReply,
  SettleReply,
  StartMark,
  Verdict,
} from "../../src/store/store.ts";
import { hold } from "./broken.ts";
import type { Claim, Side } from "./claims.ts";
import { checkRoom } from "./limit_verbs.ts";
import { nameOf } from "./pair.ts";
import { type ClaimSpec, type MarkSpec, POOL } from "./steps.ts";
import { processing, upkeep } from "./upkeep_verbs.ts";
import type { StepOf, World } from "./world.ts";

/** The end of an attempt, for both sides. */
interface End {
  readonly claim: Claim;
  readonly verdict: Verdict;
  readonly ranMs: number;
  readonly waitedMs?: number;
}

/** A mark, for both sides. */
interface Mark extends Readonly<Record<Side, StartMark>> {
  /** The same, by the job's id. */
  readonly meant: MarkSpec;
}

/** What a settle is to do besides. */
interface More {
  readonly claim?: ClaimSpec | undefined;
  readonly mark?: Mark | undefined;
}

const empty: SettleReply = { results: [] };
/** More than there is. */
const MANY = 100_000;

/** Claims on both sides; tells how many jobs there were. */
export async function claim(world: World, spec: ClaimSpec): Promise<number> {
  const { pair, history: { lazy } } = world;
  const asked = request(world, spec);
  if (!lazy) {
    await expireParents(world);
    const replies = await pair.both(
      "claim",
      (store) => store.claim(asked),
      seenBy(world),
    );
    await took(world, spec, replies);
    return replies.model.jobs.length;
  }
  // Whatever there is, also what a claim lets go that finds expired jobs.
  const replies = await pair.both(
    "claim",
    async (store) => {
      const jobs: ClaimedJob[] = [];
      for (let found = true;;) {
        const reply = await store.claim(asked);
        jobs.push(...reply.jobs);
        const isMore = (await store.relay(MANY)).nextInMs === 0;
        // One that found nothing may have let something go, in a line that it had passed.
        const isLast = !found && reply.jobs.length === 0;
        if (isLast && !isMore && reply.nextDueInMs !== 0) return { ...reply, jobs };
        found = reply.jobs.length > 0;
      }
    },
    (reply) => ({ ...reply, jobs: [...reply.jobs].sort((a, b) => a.id < b.id ? -1 : 1) }),
  );
  await took(world, spec, replies);
  return replies.model.jobs.length;
}

/**
 * Expires who is late, if others wait for one of them: whether a claim that
 * cancels such a job takes those at once whom it lets go, is open. With limits
 * also if not: whether a claim meets who waits for room, is open too.
 */
async function expireParents(world: World): Promise<void> {
  if (world.ledger.mayExpire(world.now, !world.everLimited)) await upkeep(world, "expire", MANY);
}

/** What a claim says. One that cancels jobs may say that it is worth to come again at once. */
function seenBy(
  { ledger, now, everLimited }: World,
): (reply: ClaimReply, side: Side) => ClaimReply {
  const isOpen = ledger.mayExpire(now, false);
  let modelDueInMs: number | null = null;
  return (reply, side) => {
    // When it is worth to look for room again may be said too early.
    if (everLimited) return { ...reply, nextDueInMs: null };
    if (side === "model") modelDueInMs = reply.nextDueInMs;
    else if (isOpen && reply.nextDueInMs === 0) return { ...reply, nextDueInMs: modelDueInMs };
    return reply;
  };
}

/** Checks what was claimed, and keeps it. */
async function took(
  world: World,
  { server }: ClaimSpec,
  replies: Readonly<Record<Side, ClaimReply>>,
): Promise<void> {
  const { watch, ledger, claims, paused } = world;
  const { jobs } = replies.store;
  watch.claimed(replies.store);
  for (const { id, queue, type } of jobs) {
    const name = [[queue, null], [null, type], [queue, type]].map(([queue, type]) =>
      nameOf({ queue: queue ?? null, type: type ?? null })
    ).find((one) => paused.has(one));
    hold(name === undefined, `Job '${id}' must not be claimed while its line is paused`, name);
  }
  await checkRoom(world, jobs);
  const ids = jobs.map(({ id }) => id);
  const parents = ledger.openParents(ids);
  if (parents.length > 0) {
    const records = await world.pair.store.getJobs(parents);
    ledger.saw(parents.map((id, i) => [id, records[i]!]), world.now);
  }
  ledger.claimed(ids);
  claims.take(server, replies);
}

/** Settles on both sides. */
export async function settle(world: World, step: StepOf<"settle">): Promise<void> {
  const { claims, maker } = world;
  const mark = markOf(world, step.startMark);
  const named = claims.named(step.ends, true);
  const { startMark: _, ...rest } = step;
  world.meant({
    ...rest,
    ends: named.map(({ meant }) => meant),
    ...(mark === undefined ? {} : { startMark: mark.meant }),
  });
  const ends = named.flatMap(({ claim, spec }): End[] => {
    // Some waited for a time that is not known.
    const waited = spec.ranMs > 25 ? { waitedMs: spec.ranMs ** 3 } : {};
    const end = { claim, verdict: maker.verdict(spec), ranMs: spec.ranMs, ...waited };
    return spec.twice === true ? [end, end] : [end];
  });
  await settleAll(world, ends, { claim: step.claim, mark });
}

/** A mark, as each side names it; undefined if the claim at which it is to be is not there. */
function markOf({ claims }: World, spec: MarkSpec | undefined): Mark | undefined {
  if (spec === undefined) return undefined;
  const { server, at } = spec;
  const make = (unstartedFrom: number | null): StartMark => ({ server, pool: POOL, unstartedFrom });
  if (at === null) return { model: make(null), store: make(null), meant: spec };
  const [named] = claims.named([at], false);
  if (named === undefined) return undefined;
  const { model, store } = named.claim;
  return { model: make(model.fence), store: make(store.fence), meant: { server, at: named.meant } };
}

/** Completes whatever anybody holds, whoever knows of it; tells how many jobs. */
export async function completeAll(world: World): Promise<number> {
  const { model, store } = world.pair;
  const held = await processing(world);
  const others = await store.getJobs(held.map(({ id }) => id));
  const verdict = { kind: "complete", result: null } as const;
  const ends = held.map(({ id, holder }, i): End => ({
    claim: {
      model: { id, fence: holder!.fence },
      store: { id, fence: others[i]?.holder?.fence ?? 0 },
    },
    verdict,
    ranMs: 1,
  }));
  await settleAll(world, ends, {});
  const left = await model.getJobs(held.map(({ id }) => id));
  hold(left.every((one) => one?.status !== "processing"), "All must be settled", left.length);
  return held.length;
}

async function settleAll(
  world: World,
  ends: readonly End[],
  more: More,
): Promise<void> {
  const parts = world.history.lazy || world.endsInOrder ? [ends] : apart(world, ends);
  for (const part of parts.slice(0, -1)) await settleSome(world, part, {});
  await settleSome(world, parts.at(-1)!, more);
}

/** Parts of which each ends one job at most that others wait for: whose children come first is open. */
function apart({ ledger }: World, ends: readonly End[]): End[][] {
  const parts: End[][] = [[]];
  let hasParent = false;
  for (const end of ends) {
    const { claim: { model: { id } }, verdict: { kind } } = end;
    const isParent = ledger.isParent(id) && kind !== "retry" && kind !== "release";
    if (isParent && hasParent) parts.push([]);
    hasParent ||= isParent;
    parts.at(-1)!.push(end);
  }
  return parts;
}

/** One settle, with a claim or without. */
async function settleSome(
  world: World,
  ends: readonly End[],
  more: More,
): Promise<void> {
  const { pair, ledger } = world;
  const { claim: spec, mark } = more;
  if (spec !== undefined && ends.length > 0 && ledger.mayExpire(world.now, !world.everLimited)) {
    // A job that is given back may have expired.
    await settleSome(world, ends, {});
    return await settleSome(world, [], more);
  }
  const asked = spec === undefined ? {} : { claim: request(world, spec) };
  const replies = { model: empty, store: empty };
  if (spec !== undefined) await expireParents(world);
  const seen = seenBy(world);
  await pair.both("settle", async (store, side) => {
    const outcomes = ends.map(({ claim, ...end }) => ({ ...claim[side], ...end }));
    const startMark = mark === undefined ? {} : { startMark: mark[side] };
    const reply = replies[side] = await store.settle({ outcomes, ...startMark, ...asked });
    if (side === "store") {
      for (const [i, { id, verdict }] of outcomes.entries()) {
        if (reply.results[i] === "ok" && verdict.kind === "complete") ledger.completed(id);
      }
    }
    const there = await pair.model.getJobs(outcomes.map(({ id }) => id));
    // `already` and `lost` are both true where the same call removed the record, or settled
    // another claim of the job before.
    const either = outcomes.map(({ id }, i) =>
      there[i] === null || outcomes.findIndex((one) => one.id === id) < i
    );
    const results = reply.results.map((one, i) => one === "already" && either[i] ? "lost" : one);
    return reply.claimed === undefined
      ? { results }
      : { results, claimed: seen(reply.claimed, side) };
  });
  const { model, store } = replies;
  if (model.claimed === undefined || store.claimed === undefined) return;
  await took(world, spec!, { model: model.claimed, store: store.claimed });
}

/** Reports on both sides. */
export async function report(world: World, step: StepOf<"report">): Promise<void> {
  const told = world.claims.named(step.told, false);
  world.meant({ ...step, told: told.map(({ meant }) => meant) });
  const reports = (side: Side) =>
    told.map(({ claim, spec: { progress, logs } }) => ({
      ...claim[side],
      ...(progress === undefined ? {} : { progress }),
      ...(logs === undefined ? {} : { logs }),
    }));
  await world.pair.both(step.do, (store, side) => store.report(reports(side)));
}

/** A server says what it holds. */
export async function heartbeat(world: World, step: StepOf<"heartbeat">): Promise<void> {
  const { server, lease, names, old } = step;
  const held = world.claims.of(server).filter((_, i) => names[i % names.length]);
  const gone = old === undefined ? undefined : world.claims.old(old);
  const claims = gone === undefined ? held : [...held, gone];
  const leaseMs = world.maker.lease(lease);
  await world.pair.both(
    "heartbeat",
    (store, side) =>
      store.heartbeat({ server, leaseMs, holds: claims.map((claim) => claim[side]) }),
    beatSeen,
  );
}

function beatSeen({ lost, unknown, canceled }: HeartbeatReply): unknown {
  const text = (holds: readonly { id: string; reason?: string }[]): string[] =>
    holds.map(({ id, reason }) => JSON.stringify([id, reason])).sort();
  return { lost: text(lost), unknown: text(unknown), canceled: text(canceled) };
}

function request(
  { maker }: World,
  { server, sources, limit, ahead, lease }: ClaimSpec,
): ClaimRequest {
  const all: readonly ClaimSource[] = sources;
  const asked = { server, pool: POOL, sources: all, limit, leaseMs: maker.lease(lease) };
  return ahead === undefined ? asked : { ...asked, ahead };
}
