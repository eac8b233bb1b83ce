/** A claim that waits behind a blocking call brings each job once, whatever happens to it. */

import { assert, assertEquals } from "@std/assert";
import type { ClaimOffer } from "../../../src/store/store.ts";
import { testRedisProblem } from "../../support/redis/shared.ts";
import { eachCase, limited } from "./support/each.ts";
import { allFaults, arm, type FaultRow, type Match, plain } from "./support/faults.ts";
import { newJob, put, request, take } from "./support/jobs.ts";
import { Rig } from "./support/rig.ts";

const ignore = testRedisProblem() !== undefined;
/** Longest wait for a silent connection to be noticed, and more. */
const LIMIT_MS = 40_000;
const JOBS = ["j0", "j1", "j2"];

/** The claim behind the blocking call: it alone names a list that calls it off. */
const isWaiting: Match = ({ script, args }) => script === "claim" && args[8] !== "";

/** What is struck, by name. */
const struck: readonly (readonly [name: string, match: Match])[] = [
  ["BLPOP", plain("BLPOP")],
  ["the claim", isWaiting],
];

/** Jobs come while a pool waits, and something happens to the call that blocks or to the claim behind it. */
async function checkClaims(match: Match, fault: FaultRow): Promise<void> {
  await using rig = await Rig.start({ fakeClock: false });
  const { store, direct, proxy } = rig;
  await put(direct, newJob("first")); // so that queue and type are known
  await take(store, 1);
  const offer: ClaimOffer = { leaseMs: 10_000, take: () => request(3) };
  using latch = store.subscribe(request(3).sources);
  const claimed: string[] = [];
  const working = limited(async (signal) => {
    while (claimed.length < JOBS.length && !signal.aborted) {
      const reply = await latch.next(signal, offer) ?? await store.claim(request(3));
      claimed.push(...reply.jobs.map(({ id }) => id));
    }
  }, LIMIT_MS);
  await proxy.next(isWaiting);
  const hits = arm(rig, fault, match);
  for (const id of JOBS) {
    await put(direct, newJob(id));
    // A look at another place, so that the fault meets a claim that waits for the next job.
    for (let i = 0; i < 50 && !claimed.includes(id); i++) await direct.counts();
  }
  await working;
  assertEquals(claimed.toSorted(), JOBS);
  const held = claimed.length + 1;
  const { lost, unknown } = await store.heartbeat({ server: "s1", leaseMs: 9000, holds: [] });
  assertEquals([lost.length, unknown.length], [0, held], "the store knows of these claims only");
  assert(hits() > 0 || fault.steps.length > 1, "the fault has happened");
}

Deno.test({
  name: "a claim that waits brings each job once whatever fault meets it or the call before it",
  ignore,
  fn: () =>
    eachCase(
      struck.flatMap(([what, match]) => allFaults.map((fault) => ({ what, match, fault }))),
      {
        name: ({ what, fault }) => `${what}: ${fault.name}`,
        run: ({ match, fault }) => checkClaims(match, fault),
      },
    ),
});
