/** Limits: steps that set them, and what must hold of claims. */

import type { ClaimedJob } from "../../src/job/job.ts";
import { perKeyName, ruleName } from "../../src/store/meter.ts";
import type { LimitRow, StepReply } from "../../src/store/store.ts";
import { hold } from "./broken.ts";
import type { Pair } from "./pair.ts";
import { UNIT } from "./steps.ts";
import type { StepOf, World } from "./world.ts";

/** Sets a rule on both sides. */
export async function limit(world: World, { target, limits }: StepOf<"limit">): Promise<void> {
  const { pair, rules } = world;
  const rate = limits?.rate;
  const meant = limits === null || rate === undefined
    ? limits
    : { ...limits, rate: { ...rate, perMs: rate.perMs * UNIT } };
  await pair.both("setLimit", (store) => store.setLimit(target, meant));
  if (meant === null) rules.delete(ruleName(target));
  else rules.set(ruleName(target), meant);
  world.everLimited = true;
  await compareLimits(pair);
}

/** Removes all rules. */
export async function removeLimits(world: World): Promise<void> {
  for (const { target } of await world.pair.model.limits()) {
    await limit(world, { do: "limit", target, limits: null });
  }
}

/** Compares the rules, and what is used of them. */
export async function compareLimits(pair: Pair): Promise<void> {
  const byName = (rows: readonly LimitRow[]): LimitRow[] =>
    rows.toSorted((a, b) => ruleName(a.target) < ruleName(b.target) ? -1 : 1);
  await pair.both("limits", (store) => store.limits(), byName);
}

/** What a step of upkeep says: when it is worth to look for room may be said too early. */
export function stepSeen({ everLimited }: World): (reply: StepReply) => StepReply {
  return (reply) => everLimited ? { ...reply, nextInMs: null } : reply;
}

/** Checks that a claim took no more than there was room for. */
export async function checkRoom(world: World, jobs: readonly ClaimedJob[]): Promise<void> {
  const { rules, ids, pair } = world;
  if (rules.size === 0 || jobs.length === 0) return;
  const running = new Map<string, number>();
  for (const job of await pair.store.getJobs([...ids])) {
    if (job?.status !== "processing") continue;
    const { type, settings: { limitKey: key } } = job;
    const counted = [ruleName({ type })];
    if (key !== undefined) counted.push(ruleName({ key }), perKeyName(type, key));
    for (const name of counted) running.set(name, (running.get(name) ?? 0) + 1);
  }
  for (const { id, type, settings: { limitKey: key } } of jobs) {
    const names = [ruleName({ type })];
    if (key !== undefined) {
      names.push(rules.has(ruleName({ key })) ? ruleName({ key }) : perKeyName(type, key));
    }
    for (const name of names) {
      const most = rules.get(name.split("\n")[0]!)?.concurrency ?? Infinity;
      const n = running.get(name) ?? 0;
      hold(n <= most, `At most ${most} of '${name}' must run when '${id}' is claimed`, n);
    }
  }
}
