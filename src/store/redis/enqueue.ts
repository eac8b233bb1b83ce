/**
 * Stage 1 on Redis: groups of jobs, in calls of a bounded size.
 *
 * @module
 */

import type { JobStatus } from "../../job/state.ts";
import type { EnqueueReply, NewJob } from "../store.ts";
import { MAX_INLINE } from "./big_text.ts";
import type { ClaimContext } from "./claim.ts";
import { statusChars } from "./codec.ts";
import { enqueueArgs, enqueueColumns } from "./enqueue_args.ts";
import { enqueueGroup, isLarge, isSpecial } from "./group.ts";
import type { MakeArgs, ScriptRunner } from "./script_runner.ts";

type Group = readonly NewJob[];

/** Most jobs, and about the most characters, of one call; a larger group goes alone. */
const MAX_JOBS = 500;
const MAX_CHARS = 64 * 1024;
/** By how much a store's clock may be set back within a call that is repeated, in milliseconds. */
const CLOCK_STEP_MS = 10;

/**
 * See `EnqueueStage.enqueue`. Calls that go through the same script keep their
 * order on the connection; where one script might need what another writes, it
 * waits for its answer.
 */
export function enqueue(
  context: ClaimContext,
  groups: readonly Group[],
): Promise<EnqueueReply[]> {
  return !groups.some(isSpecial) && endOfCall(groups, 0) === groups.length
    ? enqueueSome(context.runner, groups)
    : enqueueInCalls(context, groups);
}

async function enqueueInCalls(
  context: ClaimContext,
  groups: readonly Group[],
): Promise<EnqueueReply[]> {
  const special = groups.map(isSpecial);
  const mixed = special.includes(true);
  const used = special.includes(false) ? ["enqueue", "group"] as const : ["group"] as const;
  const { runner } = context;
  const calls: Promise<EnqueueReply[]>[] = [];
  const sizes: number[] = [];
  let sent = new Sent();
  let from = 0;
  while (from < groups.length) {
    const isOne = special[from]!;
    let to = isOne ? from + 1 : endOfCall(groups, from);
    if (!isOne && mixed) to = Math.min(to, endOfPlain(special, from));
    const part = groups.slice(from, to);
    // A script that Redis does not know yet is sent twice, and others would come between.
    if (mixed && (!used.every((name) => runner.isKnown(name)) || sent.isNeededBy(part, isOne))) {
      await Promise.allSettled(calls);
      sent = new Sent();
    }
    if (mixed) sent.add(part, isOne);
    calls.push(isOne ? enqueueOne(context, part[0]!) : enqueueSome(runner, part));
    sizes.push(part.length);
    from = to;
  }
  return calls.length === 1 ? await calls[0]! : await repliesOf(calls, sizes);
}

/** The replies of several calls; throws only if all have failed. */
async function repliesOf(
  calls: readonly Promise<EnqueueReply[]>[],
  sizes: readonly number[],
): Promise<EnqueueReply[]> {
  const ends = await Promise.allSettled(calls);
  if (ends.every(({ status }) => status === "rejected")) await calls[0];
  return ends.flatMap((end, i): EnqueueReply[] =>
    end.status === "fulfilled"
      ? end.value
      : Array.from({ length: sizes[i]! }, () => ({ outcome: "failed", error: end.reason }))
  );
}

async function enqueueOne(context: ClaimContext, group: Group): Promise<EnqueueReply[]> {
  return [await enqueueGroup(context, group)];
}

function endOfPlain(special: readonly boolean[], from: number): number {
  const next = special.indexOf(true, from);
  return next < 0 ? special.length : next;
}

/** Ids in calls under way, by the script that they went through. */
class Sent {
  readonly #ids = [new Set<string>(), new Set<string>()] as const;
  #large = false;

  add(groups: readonly Group[], isSpecial: boolean): void {
    const ids = this.#ids[Number(isSpecial)]!;
    for (const group of groups) {
      // A large one takes several calls, and others would come between.
      this.#large ||= isSpecial && isLarge(group);
      for (const { id } of group) ids.add(id);
    }
  }

  isNeededBy(groups: readonly Group[], isSpecial: boolean): boolean {
    if (this.#large) return true;
    const others = this.#ids[Number(!isSpecial)]!;
    if (others.size === 0) return false;
    return groups.some((group) =>
      group.some(({ id, settings }) =>
        others.has(id) || settings.dependsOn?.some((parent) => others.has(parent.id))
      )
    );
  }
}

function endOfCall(groups: readonly Group[], from: number): number {
  let jobs = 0;
  let chars = 0;
  let to = from;
  while (to < groups.length) {
    const group = groups[to]!;
    jobs += group.length;
    for (const { payload } of group) chars += payload.length > MAX_INLINE ? 100 : payload.length;
    if (to > from && (jobs > MAX_JOBS || chars > MAX_CHARS)) break;
    to++;
  }
  return to;
}

async function enqueueSome(
  runner: ScriptRunner,
  groups: readonly Group[],
): Promise<EnqueueReply[]> {
  const jobs = groups.length === 1 ? groups[0]! : groups.flat();
  if (jobs.length === 0) return groups.map(() => ({ outcome: "created", statuses: [] }));
  const tag = runner.newTag();
  const sizes = groups.every((group) => group.length === 1)
    ? ""
    : groups.map((group) => group.length).join(",");
  const columns = enqueueColumns(runner, jobs, tag);
  const args: MakeArgs = (again, elapsedMs) =>
    enqueueArgs(columns, sizes, again ? String(Math.ceil(elapsedMs) + CLOCK_STEP_MS) : "");
  const [text, ...refusals] = await runner.call("enqueue", args, columns.payloads, tag) as string[];
  return decodeReply(groups, text!, refusals);
}

/** The reply to each group of one job that is ready, which is nearly every one. */
const READY: EnqueueReply = { outcome: "created", statuses: ["ready"] };

function decodeReply(
  groups: readonly Group[],
  text: string,
  refusals: readonly string[],
): EnqueueReply[] {
  if (text === "") {
    return groups.map((group) =>
      group.length === 1
        ? READY
        : { outcome: "created", statuses: new Array<JobStatus>(group.length).fill("ready") }
    );
  }
  const refused = new Map<number, EnqueueReply>();
  for (let i = 0; i < refusals.length; i += 3) {
    const group = Number(refusals[i]) - 1;
    const index = Number(refusals[i + 1]);
    const id = groups[group]![index]!.id;
    const status = statusChars[refusals[i + 2]!]!;
    refused.set(group, { outcome: "duplicate", index, id, status });
  }
  let at = 0;
  return groups.map((group, i) => {
    const from = at;
    at += group.length;
    return refused.get(i) ?? {
      outcome: "created",
      statuses: group.map((_, k) => statusChars[text[from + k]!]!),
    };
  });
}
