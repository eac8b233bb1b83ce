/** Steps of those who bring jobs and intervene: enqueue, act, pause; and the end of a history. */

import { isFinal } from "../../src/job/state.ts";
import type { Hold, NewJob } from "../../src/store/store.ts";
import { hold } from "./broken.ts";
import type { Claim } from "./claims.ts";
import { QUEUES, TYPES } from "./job_draws.ts";
import { removeLimits, stepSeen } from "./limit_verbs.ts";
import { nameOf } from "./pair.ts";
import { claim, completeAll } from "./run_verbs.ts";
import { upkeep } from "./upkeep_verbs.ts";
import { type JobSpec, servers, UNIT } from "./steps.ts";
import type { StepOf, World } from "./world.ts";

/** A drain ends at the latest after so many rounds. */
const MOST_ROUNDS = 10_000;

/** Enqueues on both sides. */
export async function enqueue(world: World, step: StepOf<"enqueue">): Promise<void> {
  const { pair, ledger, ids, history: { lazy } } = world;
  const specs = lazy ? await withKnownParents(world, step.groups) : step.groups;
  const named = specs.map((group) => withClaim(world, group));
  world.meant({ ...step, groups: named.map(({ jobs }) => jobs) });
  const groups = named.map(({ jobs }) => jobs.map((spec) => world.maker.job(spec)));
  for (const { id } of groups.flat()) ids.add(id);
  const around = ledger.around(groups);
  const before = await pair.store.getJobs(around);
  const records = around.map((id, i) => [id, before[i]!] as const);
  ledger.saw(records, world.now);
  const { store: replies } = await pair.both(
    step.do,
    (store, side) => store.enqueue(groups.map((group, i) => under(group, named[i]!.claim?.[side]))),
  );
  ledger.enqueued(groups, replies, new Map(records), world.now);
}

function under(group: readonly NewJob[], holder: Hold | undefined): readonly NewJob[] {
  return holder === undefined ? group : group.map((job) => ({ ...job, holder }));
}

/** Finds the claim under which a group is to be enqueued. */
function withClaim(
  { claims }: World,
  group: readonly JobSpec[],
): { readonly jobs: readonly JobSpec[]; readonly claim?: Claim } {
  const name = group[0]?.under;
  const named = name === undefined ? undefined : claims.named([name], false)[0];
  if (named === undefined) return { jobs: group.map(({ under: _, ...job }) => job) };
  const { claim, meant } = named;
  return { jobs: group.map((job) => ({ ...job, under: meant })), claim };
}

/** Leaves out edges to parents who, as long as not all is told, are not as in the model. */
async function withKnownParents(
  { pair }: World,
  groups: readonly (readonly JobSpec[])[],
): Promise<JobSpec[][]> {
  const parents = groups.flat().flatMap(({ settings }) => settings.dependsOn ?? []);
  const agreed = await pair.agreed([...new Set(parents.map(({ id }) => id))]);
  return groups.map((group) =>
    group.map((job) => {
      const { dependsOn } = job.settings;
      if (dependsOn === undefined) return job;
      const kept = dependsOn.filter(({ id }) => agreed.has(id));
      return { ...job, settings: { ...job.settings, dependsOn: kept } };
    })
  );
}

/** Intervenes on both sides. */
export async function act(world: World, step: StepOf<"act">): Promise<void> {
  const { pair, ledger, watch, history: { lazy } } = world;
  const { action: spec, from } = step;
  if (lazy && spec.kind === "retry") await pair.relayAll();
  const agreed = lazy ? await pair.agreed(step.ids) : undefined;
  const ids = agreed === undefined ? step.ids : step.ids.filter((id) => agreed.has(id));
  const action = world.maker.action(spec);
  const isRetry = action.kind === "retry";
  // Whoever is brought back is final no more: what that meant for others must be known.
  const all = isRetry ? ledger.present : [];
  const before = await pair.store.getJobs(all);
  ledger.saw(all.map((id, i) => [id, before[i]!]), world.now);
  const { store: replies } = await pair.both(step.do, (store) => store.act(ids, action, from));
  if (action.kind === "remove") ledger.removed(ids, replies);
  if (!isRetry) return;
  await pair.relayAll();
  watch.retried();
  ledger.broughtBack(before, await pair.store.getJobs(all));
}

/** Pauses lines or resumes them on both sides. */
export async function pause(
  { pair, paused: names }: World,
  { target, paused }: StepOf<"pause">,
): Promise<void> {
  await pair.both("pause", (store) => store.pause(target, paused));
  if (paused) names.add(nameOf(target));
  else names.delete(nameOf(target));
  await pair.comparePaused();
}

/** Resumes everything, and completes whatever comes until all jobs are final. */
export async function drain(world: World): Promise<void> {
  const { pair, claims } = world;
  for (const server of servers) claims.forget(server);
  for (const target of await pair.model.paused()) {
    await pause(world, { do: "pause", target, paused: false });
  }
  await removeLimits(world);
  const sources = QUEUES.map((queue) => ({ queue, types: TYPES, share: 0 }));
  for (let round = 0;; round++) {
    world.jump(10_000 * UNIT);
    await upkeep(world, "prune", 500);
    await upkeep(world, "expire", 500);
    await pair.relayAll();
    await pair.both("promote", (store) => store.promote(500), stepSeen(world));
    await claim(world, { server: servers[0]!, sources, limit: 500, lease: 1000 });
    const ended = await completeAll(world);
    await pair.relayAll();
    const counts = await pair.store.counts();
    const left = counts.filter(({ status }) => !isFinal(status));
    if (left.length === 0) return;
    hold(ended > 0 && round < MOST_ROUNDS, "No job may be left behind", left);
  }
}
