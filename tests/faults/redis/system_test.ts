/**
 * Clients and servers work through proxies while random commands meet random faults. Each job ends
 * once, runs as often as its record says, and leaves nothing behind. The seed is printed, so that a
 * failure can be replayed: GQM_SEED=….
 */

import { assert, assertEquals } from "@std/assert";
import { Client, type JobContext, type JobHandle, Server } from "../../../mod.ts";
import { type Rng, seededRng } from "../../../src/rng.ts";
import { scripts } from "../../../src/store/redis/scripts.gen.ts";
import { redisStore } from "../../../src/store/redis/store.ts";
import type { FaultAction } from "../../support/redis/faults.ts";
import { FaultProxy } from "../../support/redis/proxy.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../support/redis/shared.ts";
import { RespClient } from "../../support/redis/resp_client.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";
import { gate, untilAborted } from "../../support/world.ts";

const LONG = Deno.env.get("GQM_LONG") === "1";
const SEED = Number(Deno.env.get("GQM_SEED") ?? Date.now() % 1_000_000);
const JOBS = LONG ? 5000 : 600;
const SERVERS = 2;
const LEASE_MS = 2000;
const ignore = testRedisProblem() !== undefined;

/** A fault by chance; about one command in twenty meets one. */
function someFault(rng: Rng): FaultAction {
  const bytes = Math.floor(rng() * 200);
  const faults: readonly FaultAction[] = [
    { action: "delayReply", ms: Math.floor(rng() * 50) },
    { action: "delayCommand", ms: Math.floor(rng() * 50) },
    { action: "dropReply" },
    { action: "repeatReply" },
    { action: "cutBeforeCommand" },
    { action: "cutAfterCommand" },
    { action: "cutReplyAt", bytes },
    { action: "cutCommandAt", bytes },
    { action: "stall" },
    { action: "stallAfterCommand" },
  ];
  return faults[Math.floor(rng() * faults.length)]!;
}

/** Lets faults happen to a proxy's commands until it is called again. Gives how many did. */
function trouble(proxy: FaultProxy, rng: Rng): () => number {
  let hits = 0;
  let over = false;
  const match = (): boolean => !over && rng() < 0.05;
  // Each is of its own kind, and the next is made when it has struck.
  const next = (): void => {
    const fault = proxy.faults.add({ ...someFault(rng), match });
    fault.happened().then(() => {
      hits++;
      if (!over) next();
    });
  };
  next();
  return () => {
    over = true;
    proxy.faults.clear();
    return hits;
  };
}

/** Stores with proxies of their own on the same keys. */
class Place implements AsyncDisposable {
  readonly prefix = uniquePrefix();
  readonly logger = new CollectingLogger();
  readonly #open: AsyncDisposable[] = [];

  async store(): Promise<{ proxy: FaultProxy; store: ReturnType<typeof redisStore> }> {
    const proxy = await FaultProxy.start(testRedis());
    for (const [name, text] of Object.entries(scripts)) proxy.nameScript(name, { text });
    const store = redisStore(proxy.url, { prefix: this.prefix, replyTimeoutMs: 200 });
    this.#open.push(store, proxy);
    return { proxy, store };
  }

  /** What stands in claims, leases and due times. */
  async leftovers(): Promise<string[]> {
    await using redis = await RespClient.connect(testRedis());
    const ask = (...words: string[]) => redis.call(...words) as Promise<string[]>;
    const key = (name: string): string => `{${this.prefix}}:${name}`;
    const leases = await ask("KEYS", key("leases:*"));
    const found = await Promise.all([
      ask("HKEYS", key("claims")),
      ask("ZRANGE", key("due"), "0", "-1"),
      ...leases.map((name) => ask("ZRANGE", name, "0", "-1")),
    ]);
    return found.flat().filter((name) => !/^~{65}$/.test(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open) await one[Symbol.asyncDispose]();
    await removeKeys(testRedis(), this.prefix);
  }
}

interface Payload {
  readonly ms: number;
  readonly failures: number;
  readonly text: string;
}

Deno.test({
  name: "servers on Redis end each job once while commands meet faults at random",
  ignore,
  fn: async () => {
    console.log(`seed ${SEED}`);
    const rng = seededRng(SEED);
    await using place = new Place();
    const { logger } = place;
    const starts = new Map<string, number>();
    const work = async ({ job, fence, log }: JobContext): Promise<unknown> => {
      starts.set(job.id, (starts.get(job.id) ?? 0) + 1);
      const { ms, failures, text } = job.payload as Payload;
      if (ms % 5 === 0) log(`attempt ${job.attempt}`).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, ms));
      if (job.retryCount < failures) throw new Error("planned");
      return { fence, text };
    };
    const proxies: FaultProxy[] = [];
    const servers: Server[] = [];
    for (let i = 0; i < SERVERS; i++) {
      const { proxy, store } = await place.store();
      const options = { store, logger, leaseMs: LEASE_MS, maxDeliveries: 1000 };
      const server = new Server({ ...options, backoff: { type: "fixed", baseMs: 20 } });
      server.handle("work", work, { concurrency: 10 });
      await server.start();
      proxies.push(proxy);
      servers.push(server);
    }
    const { proxy, store } = await place.store();
    await using client = new Client({ store });
    await store.open();
    const ends = [...proxies, proxy].map((one) => trouble(one, rng));

    const payloads = Array.from({ length: JOBS }, (_, i): Payload => ({
      ms: Math.floor(rng() * 30),
      failures: rng() < 0.2 ? 1 : 0,
      text: `${i} `.repeat(rng() < 0.1 ? 2000 : 1),
    }));
    const handles: JobHandle[] = [];
    for (let from = 0; from < JOBS; from += 20) {
      const some = payloads.slice(from, from + 20);
      handles.push(
        ...await Promise.all(some.map((payload, i) => {
          const delayMs = rng() < 0.2 ? Math.floor(rng() * 300) : 0;
          return client.enqueue("work", payload, { id: `j${from + i}`, delayMs });
        })),
      );
    }
    const results = await Promise.all(handles.map((handle) => handle.result()));
    const hits = ends.reduce((sum, end) => sum + end(), 0);
    for (const server of servers) await server.stop();

    const past = await place.store();
    await past.store.open();
    const jobs = await past.store.getJobs(handles.map(({ id }) => id));
    for (const [i, job] of jobs.entries()) {
      const about = `job ${i}, ${JSON.stringify(job?.attempts.map(({ outcome }) => outcome))}`;
      assertEquals(job?.status, "completed", about);
      const outcomes = job!.attempts.map(({ outcome }) => outcome);
      assertEquals(outcomes.filter((one) => one === "completed").length, 1, about);
      assertEquals(outcomes.at(-1), "completed", about);
      assertEquals(job!.retryCount, payloads[i]!.failures, about);
      assertEquals(job!.attemptsMade, 1 + job!.retryCount + job!.deliveries, about);
      const started = starts.get(job!.id) ?? 0;
      assert(started >= 1 + job!.retryCount, `${about}: ${started} starts`);
      // The store may not have heard of a start when the lease ends, but of the next one it has.
      assert(started <= 2 * job!.attemptsMade, `${about}: ${started} starts`);
      assertEquals(JSON.parse(job!.payload), payloads[i], about);
      const result = results[i] as { readonly text: string } | undefined;
      assertEquals(result?.text, payloads[i]!.text, `${about}: result`);
    }
    const rows = (await past.store.counts()).map(({ status, count }) => `${count} ${status}`);
    assertEquals(rows, [`${JOBS} completed`]);
    assertEquals(await place.leftovers(), []);
    const lost = jobs.reduce((sum, job) => sum + job!.deliveries, 0);
    console.log(`${hits} fault cases, ${lost} deliveries lost, ${JOBS} jobs completed once`);
    assert(hits > 0, "the test has met what it is about");
  },
});

Deno.test({
  name: "Server.stop gives everything back unharmed while commands meet faults",
  ignore,
  fn: async () => {
    console.log(`seed ${SEED}`);
    const rng = seededRng(SEED);
    await using place = new Place();
    const { logger } = place;
    const { proxy, store } = await place.store();
    const { store: past } = await place.store();
    await using client = new Client({ store: past });
    const server = new Server({ store, logger, leaseMs: 60_000 });
    const busy = gate();
    let running = 0;
    server.handle("work", (context) => {
      if (++running === 10) busy.open();
      return untilAborted(context);
    }, { concurrency: 10 });
    await server.start();
    const handles = await Promise.all(Array.from({ length: 30 }, (_, i) => {
      return client.enqueue("work", { text: "x".repeat(i % 2 === 0 ? 9000 : 1) });
    }));
    await busy.opened;
    for (const action of ["cutAfterCommand", "dropReply", "stallAfterCommand"] as const) {
      proxy.faults.add({ match: ({ script }) => script !== undefined && rng() < 0.8, action });
    }
    await proxy.cutAll();
    await server.stop({ shutdownTimeoutMs: 0 });
    proxy.faults.clear();
    for (const job of await past.getJobs(handles.map(({ id }) => id))) {
      assertEquals([job?.status, job?.attemptsMade, job?.deliveries, job?.holder], [
        ...["ready", 0, 0, null],
      ]);
    }
    assertEquals(await place.leftovers(), []);
  },
});
