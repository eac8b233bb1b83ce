/** Claims that wait in Redis behind a blocking call. */

import { assert, assertEquals } from "@std/assert";
import { sleep, systemClock } from "../../../../src/clock.ts";
import { redisStore } from "../../../../src/store/redis/store.ts";
import type { RedisStoreOptions } from "../../../../src/store/redis/options.ts";
import { scripts } from "../../../../src/store/redis/scripts.gen.ts";
import type { ClaimedJob, JobRecord } from "../../../../src/job/job.ts";
import type {
  ClaimOffer,
  ClaimReply,
  ClaimRequest,
  NewJob,
  Store,
  WakeSource,
} from "../../../../src/store/store.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { FaultProxy } from "../../../support/redis/proxy.ts";
import { RespClient } from "../../../support/redis/resp_client.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../../support/redis/shared.ts";

interface Place {
  /** Whoever waits; its commands are in the log. */
  readonly store: Store;
  readonly proxy: FaultProxy;
  /** Another process. */
  readonly other: Store;
  /** Sends a command; `KEY:` in an argument stands for the root of all keys. */
  readonly call: (...words: string[]) => Promise<unknown>;
}

function test(
  name: string,
  use: (place: Place) => Promise<void>,
  options: RedisStoreOptions = {},
): void {
  Deno.test({
    name,
    ignore: testRedisProblem() !== undefined,
    async fn() {
      const prefix = uniquePrefix();
      try {
        await using proxy = await FaultProxy.start(testRedis());
        proxy.nameScript("claim", { text: scripts.claim });
        await using store = redisStore(proxy.url, { prefix, ...options });
        await using other = redisStore(testRedis(), { prefix, ...options });
        await Promise.all([store.open(), other.open()]);
        await using client = await RespClient.connect(testRedis());
        const call: Place["call"] = (...words) =>
          client.call(...words.map((word) => word.replace("KEY:", `{${prefix}}:`)));
        await use({ store, proxy, other, call });
      } finally {
        await removeKeys(testRedis(), prefix);
      }
    },
  });
}

function job(id: string, fields: Partial<NewJob> = {}): NewJob[] {
  return [{ id, type: "t", queue: "q", priority: 0, payload: "1", settings: {}, ...fields }];
}

const sources = [{ queue: "q", types: ["t"], share: 9 }];
const request: ClaimRequest = { server: "s", pool: "p", sources, limit: 9, leaseMs: 15_000 };

/** An offer that counts how often it was taken. */
function offerOf(claim: ClaimRequest = request): ClaimOffer & { taken: number } {
  const offer = {
    leaseMs: claim.leaseMs,
    taken: 0,
    take: () => {
      offer.taken++;
      return claim;
    },
  };
  return offer;
}

const idsOf = (reply: ClaimReply | void): string[] | undefined => reply?.jobs.map(({ id }) => id);

/** A latch whose connection is there; the store knows the script, and there is no work. */
async function waiter({ store }: Place): Promise<WakeSource> {
  assertEquals(await store.claim(request), { jobs: [], nextDueInMs: null });
  const latch = store.subscribe(sources);
  await latch.next(new AbortController().signal);
  return latch;
}

/** Waits, and resolves when the claim is on its way to Redis, or the wait is over. */
async function wait(
  { proxy }: Place,
  latch: WakeSource,
  offer: ClaimOffer = offerOf(),
): Promise<{ readonly next: Promise<ClaimReply | void>; readonly over: AbortController }> {
  const over = new AbortController();
  const sent = proxy.next(({ script }) => script === "claim");
  const next = latch.next(over.signal, offer);
  await Promise.race([sent, next]);
  return { next, over };
}

/** Waits when all tokens of jobs that are gone have been taken. */
async function waitIdly(place: Place, latch: WakeSource): ReturnType<typeof wait> {
  while (true) {
    const waiting = await wait(place, latch);
    const quiet = sleep(systemClock, 5).then(() => true);
    if (await Promise.race([waiting.next.then(() => false), quiet])) return waiting;
  }
}

test("the job comes with the wake: no command is sent in between", async (place) => {
  const { other, proxy } = place;
  using latch = await waiter(place);
  const offer = offerOf();
  const { next } = await wait(place, latch, offer);
  const sent = proxy.log.length;
  await other.enqueue([job("a"), job("b")]);
  assertEquals(idsOf(await next), ["a", "b"]);
  // But by a connection that may just have been made, to hear news.
  const meanwhile = proxy.log.slice(sent).map(({ name }) => name);
  assertEquals(meanwhile.filter((name) => !/^(CLIENT|SUBSCRIBE)$/.test(name)), []);
  assertEquals(offer.taken, 1);
  const [a] = await other.getJobs(["a"]);
  assertEquals([a!.status, a!.holder?.server], ["processing", "s"]);
});

test("a wait that is over claims nothing, and leaves nothing behind", async (place) => {
  const { other, call } = place;
  using latch = await waiter(place);
  const { next, over } = await wait(place, latch);
  over.abort();
  assertEquals(await next, undefined);
  await other.enqueue([job("a")]);
  assertEquals((await other.getJobs(["a"]))[0]!.status, "ready");
  assertEquals(await call("KEYS", "KEY:own:*"), []);
  assertEquals(await call("LLEN", "KEY:w:q|t"), 1, "its wake is for others");
});

test("a job that comes in the moment in which the wait is over is claimed or left, never lost", async (place) => {
  const { store, other } = place;
  using latch = await waiter(place);
  const ends = { claimed: 0, left: 0 };
  for (let round = 0; round < 60; round++) {
    const { next, over } = await waitIdly(place, latch);
    const put = other.enqueue([job(`j${round}`)]);
    const until = systemClock.mono() + round % 20 / 20;
    await Promise.resolve(); // the call is sent
    while (systemClock.mono() < until);
    over.abort();
    const claimed = idsOf(await next) ?? [];
    await put;
    ends[claimed.length > 0 ? "claimed" : "left"]++;
    const rest = claimed.length > 0 ? [] : idsOf(await store.claim(request))!;
    assertEquals([...claimed, ...rest], [`j${round}`]);
  }
  console.log(ends);
});

test("a claim that is told to hurry is made now, with what is due", async (place) => {
  const { other } = place;
  using latch = await waiter(place);
  let { next } = await wait(place, latch);
  await other.enqueue([job("a", { delayMs: 300 })]);
  const first = await next;
  assertEquals(idsOf(first), [], "it is told of the earlier due time");
  assert(first!.nextDueInMs! > 0 && first!.nextDueInMs! <= 300, `${first!.nextDueInMs}`);
  ({ next } = await wait(place, latch));
  await sleep(systemClock, first!.nextDueInMs!);
  assertEquals(latch.claimNow!(), true);
  assertEquals(idsOf(await next), ["a"]);
  assertEquals(latch.claimNow!(), false, "there is none any more");
});

test("a claim that has not looked at all queues leaves the rest to who waits", async (place) => {
  const { store, other } = place;
  const queues = Array.from({ length: 600 }, (_, i) => `q${String(i).padStart(3, "0")}`);
  await other.enqueue(queues.map((queue) => job(`x${queue}`, { queue, type: "x" })));
  const all = { ...request, sources: [{ queue: null, types: ["t"], share: 9 }] };
  await store.claim(all);
  using latch = store.subscribe(all.sources);
  await latch.next(new AbortController().signal);
  for (const [i, queue] of ["q599", "q000", "q300"].entries()) {
    const { next } = await wait(place, latch, offerOf(all));
    await other.enqueue([job(`j${i}`, { queue })]);
    const reply = await next ?? await store.claim(all);
    assertEquals(idsOf(reply), [`j${i}`]);
  }
  const { next } = await wait(place, latch, offerOf({ ...all, leaseMs: 450 }));
  assertEquals(await next, undefined, "no reason to look again at once, and again");
});

test("a claim is made anew before two thirds of its lease are over", async (place) => {
  using latch = await waiter(place);
  const { next } = await wait(place, latch, offerOf({ ...request, leaseMs: 450 }));
  assertEquals(idsOf(await next), [], "the store has looked, and found nothing");
});

/** Has the job claimed for whoever waits, with a short lease; gives it as it is then. */
async function claimShortly(place: Place, latch: WakeSource): Promise<ClaimedJob> {
  const { next } = await wait(place, latch, offerOf({ ...request, leaseMs: 200 }));
  const reply = await next ?? { jobs: [] };
  return reply.jobs[0] ?? await claimShortly(place, latch);
}

/** Waits until the lease of the only job has ended, and has it reaped. */
async function reapIt({ other }: Place): Promise<JobRecord> {
  while (true) {
    const { moved, nextInMs } = await other.reap({ limit: 9, maxDeliveries: 2 });
    if (moved === 1) return (await other.getJobs(["a"]))[0]!;
    await sleep(systemClock, nextInMs ?? 0);
  }
}

test("a job that nobody took over counts as not started, but not twice in a row", async (place) => {
  const { other } = place;
  using latch = await waiter(place);
  await other.enqueue([job("a")]);
  for (const deliveries of [0, 1]) {
    const claimed = await claimShortly(place, latch);
    assertEquals(claimed.suspect ?? false, deliveries === 1);
    const { holder } = (await other.getJobs(["a"]))[0]!;
    assertEquals(holder, claimed.holder, "its times are whole milliseconds");
    const after = await reapIt(place);
    assertEquals([after.status, after.deliveries, after.attempts.length], [
      "ready",
      deliveries,
      deliveries,
    ]);
  }
  await claimShortly(place, latch);
  assertEquals((await reapIt(place)).deliveries, 1, "it was no suspect any more");
});

test("a job whose lease was extended counts as started", async (place) => {
  const { store, other } = place;
  using latch = await waiter(place);
  await other.enqueue([job("a")]);
  const { id, holder: { fence } } = await claimShortly(place, latch);
  await store.heartbeat({ server: "s", leaseMs: 300, holds: [{ id, fence }] });
  const { deliveries, attempts } = await reapIt(place);
  assertEquals([deliveries, attempts.map(({ outcome }) => outcome)], [1, ["lost"]]);
});

const notTaken: readonly {
  readonly why: string;
  readonly options?: RedisStoreOptions;
  readonly offer?: Partial<ClaimRequest>;
  readonly isTwo?: boolean;
}[] = [
  { why: "the store has a time of its own", options: { clock: new FakeClock() } },
  { why: "the lease is very short", offer: { leaseMs: 140 } },
  { why: "there is another pool", isTwo: true },
];

for (const { why, options, offer: fields, isTwo = false } of notTaken) {
  test(`a store takes no offer where ${why}, and wakes all the same`, async (place) => {
    const { store, other, proxy } = place;
    using latch = await waiter(place);
    using _other = isTwo ? store.subscribe(sources) : undefined;
    const offer = offerOf({ ...request, ...fields });
    const blocks = proxy.next(({ name }) => name === "BLPOP");
    const next = latch.next(new AbortController().signal, offer);
    await blocks;
    await other.enqueue([job("a")]);
    assertEquals(await next, undefined);
    assertEquals(offer.taken, 0);
    assertEquals(idsOf(await store.claim(request)), ["a"]);
  }, options);
}
