/**
 * Groups of which some jobs wait for others, are unique, or are enqueued under
 * a claim: one group per call, and a large one in several, as a draft.
 *
 *     looked at --> parts written --> draft released --> children of the draft told --> answered
 *         `-- refused     `-- refused: jobs removed
 *
 * Jobs of a draft are `deferred`, so that none runs before all are there.
 * The draft of a process that dies is removed, with its jobs, after a minute, or
 * sooner by another group that needs one of its ids or keys.
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import { StoreRefusedError } from "../errors.ts";
import type { JobStatus } from "../../job/state.ts";
import type { EnqueueReply, NewJob } from "../store.ts";
import { bigName, MAX_INLINE, setBig } from "./big_text.ts";
import type { ClaimContext } from "./claim.ts";
import { encodeJob, statusChars, timeOf } from "./codec.ts";
import { fromShort, toShort } from "./short_id.ts";

type Group = readonly NewJob[];
type Arg = string | number;

/** Most jobs, edges and about the most characters of one part of a large group. */
const MAX_JOBS = 500;
const MAX_EDGES = 2000;
const MAX_CHARS = 256 * 1024;
/** Most jobs of a group without edges that goes in one call. */
const MAX_PLAIN = 1000;
/** By how much a store's clock may be set back within a call that is repeated, in milliseconds. */
const CLOCK_STEP_MS = 10;
/** Children of a draft that one call tells that it is released. */
const TOLD_PER_CALL = 500;
/** How often a large group is written anew because its draft had gone. */
const MAX_TRIES = 3;

/** Milliseconds without another part after which a group is given up by whoever needs its ids. */
const STALE_MS = 5000;
const LOOK_AGAIN_MS = 50;

const conflicts = { keep: "", replace: "r", debounce: "d", rerun: "a" } as const;

/** Whether a group does not go through the script for plain jobs. */
export function isSpecial(group: Group): boolean {
  return group.length > MAX_PLAIN ||
    group.some(({ settings, holder, onConflict }) =>
      holder !== undefined || settings.unique !== undefined ||
      (settings.dependsOn !== undefined && settings.dependsOn.length > 0) ||
      (onConflict !== undefined && onConflict !== "keep")
    );
}

/** Whether a group takes several calls. */
export function isLarge(group: Group): boolean {
  return split(group).length > 1;
}

/** Writes one group. */
export async function enqueueGroup(context: ClaimContext, group: Group): Promise<EnqueueReply> {
  const parts = split(group);
  if (parts.length === 1) {
    const reply = await write(context, group, { draft: "", part: 0, before: new Set() });
    if (reply !== undefined) return reply;
  }
  for (let i = 0; i < MAX_TRIES; i++) {
    const reply = await writeParts(context, parts);
    if (reply !== undefined) return reply;
  }
  const cause = new Error(`a group of ${group.length} jobs took too long to write`);
  throw new StoreRefusedError(context.runner.description, cause);
}

/** Parts of a group that one call each can take. */
function split(group: Group): Group[] {
  const parts: NewJob[][] = [];
  let part: NewJob[] = [];
  let edges = 0;
  let chars = 0;
  let allEdges = 0;
  for (const job of group) {
    const own = job.settings.dependsOn?.length ?? 0;
    const size = job.payload.length > MAX_INLINE ? 100 : job.payload.length;
    const full = part.length >= MAX_JOBS || edges + own > MAX_EDGES || chars + size > MAX_CHARS;
    if (part.length > 0 && full) {
      parts.push(part);
      part = [];
      edges = chars = 0;
    }
    part.push(job);
    edges += own;
    chars += size;
    allEdges += own;
  }
  parts.push(part);
  return allEdges === 0 && group.length <= MAX_PLAIN ? [[...group]] : parts;
}

/** Where a call stands in its group. */
interface Place {
  /** Name of the draft; empty if the call writes the whole group. */
  readonly draft: string;
  /** Number of the part. */
  readonly part: number;
  /** Ids of the jobs before it in the group; those of the part are added. */
  readonly before: Set<string>;
  /** Whether only to look if ids and keys are in use. */
  readonly look?: boolean;
}

/** Writes a group, or a part of one; undefined if the draft has gone. */
async function write(
  context: ClaimContext,
  jobs: Group,
  { draft, part, before, look }: Place,
): Promise<EnqueueReply | undefined> {
  const { runner, retention } = context;
  const tag = runner.newTag();
  const holder = jobs.find((job) => job.holder !== undefined)?.holder;
  const isWhole = draft === "" && !look;
  const conflict = (isWhole && jobs.length === 1 && jobs[0]!.onConflict) || "keep";
  const bigs: Arg[][] = [];
  const ids: string[] = [];
  const records: string[] = [];
  const more: string[] = [];
  const edges: string[] = [];
  for (const [i, job] of jobs.entries()) {
    // What is merged into another job goes into its record.
    const isBig = job.payload.length > MAX_INLINE && (conflict === "keep" || conflict === "rerun");
    const big = isBig ? bigName(tag, i, job.payload) : undefined;
    if (big !== undefined && !look) bigs.push(setBig(runner, "big", big, job.payload));
    const { dependsOn = [], unique } = job.settings;
    const room = unique === undefined || unique.key !== null
      ? ""
      : `${unique.until[0]}${unique.ttlMs === undefined ? "" : Math.ceil(unique.ttlMs)}`;
    const { record } = look
      ? encodeJob({ ...job, payload: "" }, undefined)
      : encodeJob(job, big, draft);
    ids.push(toShort(job.id));
    records.push(record);
    const time = timeOf(job);
    const says = time !== "" || room !== "" || dependsOn.length > 0;
    more.push(says ? `${time},${room},${dependsOn.length}` : "");
    const mayMiss = job.onMissingParent === "resolved";
    for (const { id, onFailure } of dependsOn) {
      const cancels = onFailure === "cancel";
      const letter = before.has(id) ? (cancels ? "i" : "j") : (cancels ? "c" : "k");
      edges.push((mayMiss ? letter.replace(/[ck]/, upper) : letter) + toShort(id));
    }
    before.add(job.id);
  }
  const args = (again: boolean, elapsedMs: number): Arg[] => [
    ...retention,
    again ? Math.ceil(elapsedMs) + CLOCK_STEP_MS : "",
    jobs.length,
    holder === undefined ? "" : toShort(holder.id),
    holder === undefined ? "" : String(holder.fence),
    conflicts[conflict],
    draft,
    part,
    look ? "?" : "",
    ...ids,
    ...records,
    ...more,
    ...edges,
  ];
  const begunAt = systemClock.mono();
  while (true) {
    const reply = await runner.call("group", args, bigs, tag) as string[];
    const [outcome, inTheWay, idleMs] = reply;
    if (outcome !== "u") return decodeReply(reply);
    // Another large group is being written, or was left behind: what becomes of it must be known.
    const waitedMs = systemClock.mono() - begunAt;
    if (Math.max(Number(idleMs), waitedMs) < STALE_MS) await sleep(systemClock, LOOK_AGAIN_MS);
    else await removeParts(context, inTheWay!, undefined);
  }
}

const upper = (letter: string): string => letter.toUpperCase();

function decodeReply([outcome, ...rest]: readonly string[]): EnqueueReply | undefined {
  switch (outcome) {
    case "c":
      return { outcome: "created", statuses: Array.from(rest[0]!, (char) => statusChars[char]!) };
    case "l":
      return { outcome: "lost" };
    case "m":
      return { outcome: "merged", id: fromShort(rest[0]!), status: statusChars[rest[1]!]! };
    case "d": {
      const [index, id, status] = rest;
      return {
        outcome: "duplicate",
        index: Number(index),
        id: fromShort(id!),
        status: statusChars[status!]!,
      };
    }
    case "p":
      return { outcome: "missing_parent", index: Number(rest[0]), id: fromShort(rest[1]!) };
    default:
      return undefined;
  }
}

/** Writes a large group whole or not at all; undefined if its draft went meanwhile. */
async function writeParts(
  context: ClaimContext,
  parts: readonly Group[],
): Promise<EnqueueReply | undefined> {
  const { runner } = context;
  const draft = runner.newTag();
  const before = new Set<string>();
  const looked = await eachPart(
    parts,
    (jobs, part) => write(context, jobs, { draft: "", part, before, look: true }),
  );
  if (looked.refusal !== undefined) return looked.refusal;
  before.clear();
  const { refusal, statuses, gone } = await eachPart(
    parts,
    (jobs, part) => write(context, jobs, { draft, part, before }),
  );
  if (gone || refusal !== undefined) return await removeParts(context, draft, refusal);
  const holder = parts[0]!.find((job) => job.holder !== undefined)?.holder;
  const outcome = await callDraft(context, draft, "1", holder);
  if (outcome === "l") return await removeParts(context, draft, { outcome: "lost" });
  if (outcome === "g") return undefined;
  await tellAll(context, `#${draft}`);
  return { outcome: "created", statuses };
}

/** What became of the parts of a group. */
interface Parts {
  /** Why the group may not be written. */
  readonly refusal?: EnqueueReply;
  /** Statuses of the jobs written. */
  readonly statuses: JobStatus[];
  /** Whether the draft had gone. */
  readonly gone?: boolean;
}

/** Calls with one part after the other. What is in use goes before a parent that is not there. */
async function eachPart(
  parts: readonly Group[],
  call: (jobs: Group, part: number) => Promise<EnqueueReply | undefined>,
): Promise<Parts> {
  const statuses: JobStatus[] = [];
  let missing: EnqueueReply | undefined;
  let from = 0;
  for (const [part, jobs] of parts.entries()) {
    const reply = await call(jobs, part);
    if (reply === undefined) return { statuses, gone: true };
    if (reply.outcome === "created") {
      statuses.push(...reply.statuses);
    } else {
      const refusal = "index" in reply ? { ...reply, index: reply.index + from } : reply;
      if (reply.outcome !== "missing_parent") return { refusal, statuses };
      missing ??= refusal;
    }
    from += jobs.length;
  }
  return missing === undefined ? { statuses } : { refusal: missing, statuses };
}

async function removeParts<T>(context: ClaimContext, draft: string, reply: T): Promise<T> {
  while (await callDraft(context, draft, "") === "m");
  return reply;
}

async function callDraft(
  { runner, retention }: ClaimContext,
  draft: string,
  releases: string,
  holder?: NewJob["holder"],
): Promise<string> {
  const claim = holder === undefined ? ["", ""] : [toShort(holder.id), String(holder.fence)];
  const [outcome] = await runner.call("draft", (again) => [
    ...retention,
    again ? "1" : "",
    draft,
    releases,
    ...claim,
  ]);
  return outcome as string;
}

/** Tells all children of a draft that it is released. */
async function tellAll({ runner, retention }: ClaimContext, id: string): Promise<void> {
  while (true) {
    const [, , more] = await runner.call("relay", [...retention, TOLD_PER_CALL, id]);
    if (more !== "1") return;
  }
}
