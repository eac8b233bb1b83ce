/**
 * Many calls are under way on one connection when a fault strikes one of them: each gets its own
 * answer, and each does its work once.
 */

import { assert, assertEquals } from "@std/assert";
import { testRedisProblem } from "../../support/redis/shared.ts";
import { eachCase } from "./support/each.ts";
import { allFaults, arm, type FaultRow, type Match, plain, script } from "./support/faults.ts";
import { big, newJob, outcome, put, request, take } from "./support/jobs.ts";
import { Rig } from "./support/rig.ts";

const ENQUEUES = 20;
const SERVERS = 4;

/** The command of a kind that is struck, counted from 1. */
const struck: readonly (readonly [name: string, nth: number, match: Match])[] = [
  ["enqueue", 1, script("enqueue")],
  ["enqueue", 7, script("enqueue")],
  ["claim", 1, script("claim")],
  ["claim", 3, script("claim")],
  ["settle", 1, script("settle")],
  ["get", 2, script("get")],
  ["counts", 1, script("counts")],
  ["SMEMBERS", 1, plain("SMEMBERS")],
  ["HSCAN", 1, plain("HSCAN")],
  ["SET of a payload", 2, plain("SET", ":big:")],
  ["SET of a result", 1, plain("SET", ":res:")],
  ["MGET", 1, plain("MGET")],
  ["MGET", 4, plain("MGET")],
];

interface Row {
  readonly name: string;
  readonly nth: number;
  readonly match: Match;
  readonly fault: FaultRow;
}

/** Takes the nth command that matches, and those that follow if the fault goes on. */
function from(nth: number, match: Match): Match {
  let seen = 0;
  return (command) => match(command) && ++seen >= nth;
}

const text = (i: number, id: string): string => i % 4 === 0 ? big(id) : JSON.stringify(id);

async function check({ nth, match, fault }: Row): Promise<void> {
  await using rig = await Rig.start();
  const { store, direct } = rig;
  const waiting = Array.from(
    { length: 16 },
    (_, i) => newJob(`k${i}`, { payload: text(i, `k${i}`) }),
  );
  await put(direct, ...waiting);
  const [done] = await take(direct, 1);
  const result = big("result");
  const hits = arm(rig, fault, from(nth, match));

  const names = Array.from({ length: ENQUEUES }, (_, i) => `j${i}`);
  const enqueues = Promise.all(names.map((id, i) => {
    return store.enqueue([[newJob(id, { queue: "in", payload: text(i, id) })]]);
  }));
  const settled = store.settle({ outcomes: [outcome(done!, { kind: "complete", result })] });
  const sources = [{ queue: "q", types: ["t"], share: 3 }];
  const claims = Promise.all(Array.from({ length: SERVERS }, (_, i) => {
    return store.claim(request(3, { server: `s${i}`, sources }));
  }));
  const looks = Promise.all(waiting.map(({ id }) => store.getJobs([id])));
  const counted = store.counts();

  // None is left alone when the first of them turns out to be wrong.
  await Promise.allSettled([enqueues, settled, claims, looks, counted]);
  for (const [i, [reply]] of (await enqueues).entries()) {
    assertEquals(reply, { outcome: "created", statuses: ["ready"] }, `answer to job ${names[i]}`);
  }
  assert(["ok", "already"].includes((await settled).results[0]!), "the settle is no loss");
  const jobs = (await claims).flatMap((reply) => reply.jobs);
  for (const [i, [job]] of (await looks).entries()) {
    assertEquals(job?.id, waiting[i]!.id, "a look finds its own job");
    assertEquals(job?.payload, waiting[i]!.payload, `payload of job ${job?.id} as it is looked at`);
  }
  const sum = (await counted).reduce((all, { count }) => all + count, 0);
  // Counts are read in parts: a job that moves meanwhile may stand in none, or in two.
  assert(sum >= 15 && sum <= 16 + 12 + ENQUEUES, `counts are of this store: ${sum}`);
  assert(hits() >= 1, "the fault has happened");

  assertEquals(jobs.length, 3 * SERVERS, "jobs claimed");
  assertEquals(new Set(jobs.map(({ id }) => id)).size, jobs.length, "no job is claimed twice");
  for (const { id, payload } of jobs) {
    assertEquals(payload, waiting.find((job) => job.id === id)!.payload, `payload of job ${id}`);
  }
  const held = await direct.list({ status: "processing", limit: 100 });
  const holds = (list: typeof jobs): string[] => list.map((job) => `${job.id} ${job.holder.fence}`);
  assertEquals(holds(held.jobs as typeof jobs).sort(), holds(jobs).sort(), "claims in Redis");
  const kept = await direct.getJobs([...names, done!.id]);
  kept.slice(0, -1).forEach((job, i) => assertEquals(job?.payload, text(i, names[i]!)));
  assertEquals(kept.at(-1)?.result, result);
  assertEquals(kept.at(-1)?.attemptsMade, 1);
  const expiring = Object.keys(await rig.dump()).filter((key) => key.endsWith("(expires)"));
  assertEquals(expiring, [], "keys of accepted jobs that expire");
  const rows = (await direct.counts()).map(({ queue, status, count }) =>
    `${queue} ${status} ${count}`
  );
  assertEquals(rows.sort(), ["in ready 20", "q completed 1", "q processing 12", "q ready 3"]);
}

Deno.test({
  name: "redisStore gives each of many calls its own answer whatever fault strikes one of them",
  ignore: testRedisProblem() !== undefined,
  fn: () =>
    eachCase(
      struck.flatMap(([name, nth, match]) =>
        allFaults.map((fault) => ({ name, nth, match, fault }))
      ),
      { name: ({ name, nth, fault }) => `${name} ${nth}: ${fault.name}`, run: check, atOnce: 16 },
    ),
});
