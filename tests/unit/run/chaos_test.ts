import { assert, assertEquals } from "@std/assert";
import { isFinal } from "../../../src/job/state.ts";
import type { JobContext } from "../../../src/run/context.ts";
import type { Server } from "../../../src/run/server.ts";
import { type Rng, seededRng } from "../../../src/rng.ts";
import { Cancel, RetryAfter, SkipRetry } from "../../../src/settle/outcome.ts";
import { StoreDownError, type Verb } from "../../support/decorated_store.ts";
import { untilAborted, World } from "../../support/world.ts";

const JOBS = 80;
const verbs: readonly Verb[] = [
  "claim",
  "settle",
  "heartbeat",
  "report",
  "reap",
  "promote",
  "expire",
];
const LONG = Deno.env.get("GQM_LONG") === "1";
const seeds = Array.from({ length: LONG ? 200 : 6 }, (_, i) => i + 1);

/** What a job's payload asks of its handler. */
const kinds = ["sync", "async", "slow", "fails", "hangs", "skips", "cancels", "later"] as const;
type Kind = typeof kinds[number];

/** What ends such a job, whatever happens on the way. */
const ends: Readonly<Record<Kind, string>> = {
  sync: "completed",
  async: "completed",
  slow: "completed",
  fails: "dead_letter",
  hangs: "dead_letter",
  skips: "dead_letter",
  cancels: "canceled",
  later: "completed",
};

/** Handlers at work: at most one per job whose signal has not aborted. */
class Watch {
  readonly #live = new Map<string, JobContext[]>();
  readonly doubles: string[] = [];

  async during(context: JobContext, work: () => unknown): Promise<unknown> {
    const { id } = context.job;
    const others = (this.#live.get(id) ?? []).filter(({ signal }) => !signal.aborted);
    if (others.length > 0) this.doubles.push(`${id}: ${others[0]!.fence} and ${context.fence}`);
    this.#live.set(id, [...others, context]);
    try {
      return await work();
    } finally {
      this.#live.set(id, (this.#live.get(id) ?? []).filter((other) => other !== context));
    }
  }
}

function work(world: World, context: JobContext, rng: Rng): unknown {
  const { job, log } = context;
  log(`attempt ${job.attempt}`).catch(() => {});
  switch (job.payload as Kind) {
    case "sync":
      return context.fence;
    case "async":
      return Promise.resolve(context.fence);
    case "slow":
      return new Promise((resolve) => {
        world.clock.after(rng() * 3000, () => resolve(context.fence));
      });
    case "fails":
      throw new Error("always");
    case "hangs":
      return untilAborted(context);
    case "skips":
      throw new Error("wrapped", { cause: new SkipRetry("useless") });
    case "cancels":
      throw new Cancel("unwanted");
    case "later":
      if (job.retryCount === 0) throw new RetryAfter(700);
      return context.fence;
  }
}

for (const seed of seeds) {
  Deno.test(`servers lose and double no job when stores fail and servers come and go, seed ${seed}`, async () => {
    await using world = new World();
    const rng = seededRng(seed);
    const watch = new Watch();
    for (const verb of verbs) {
      world.store.on(verb, async ({ run }) => {
        const chance = rng();
        if (chance < 0.08) throw new StoreDownError("down");
        const reply = await run();
        if (chance > 0.92) throw new StoreDownError("reply lost");
        return reply as never;
      });
    }
    const launch = async (): Promise<Server> => {
      const server: Server = world.server({
        leaseMs: 2000,
        timeoutMs: 4000,
        graceMs: 500,
        maxRetry: 2,
        maxDeliveries: 1000,
        backoff: { type: "exponential", baseMs: 100, jitter: 0.5 },
        rng,
      });
      server.pool({ name: "p", types: ["t"], concurrency: 1 + Math.floor(rng() * 6) });
      server.handle("t", (context) => watch.during(context, () => work(world, context, rng)));
      await server.start();
      return server;
    };

    const servers = [await launch(), await launch()];
    const handles = [];
    for (let i = 0; i < JOBS; i++) {
      const delayMs = rng() < 0.3 ? Math.floor(rng() * 3000) : 0;
      const handle = await world.client.enqueue("t", kinds[i % kinds.length], { delayMs });
      handles.push(handle);
      if (rng() < 0.2) await world.clock.advance(Math.floor(rng() * 500));
      if (rng() < 0.05) {
        const [leaving] = servers.splice(0, 1, await launch());
        leaving!.stop({ shutdownTimeoutMs: 200, graceMs: 100 });
      }
    }
    await world.clock.advance(60_000);
    for (const verb of verbs) world.store.on(verb, undefined);
    await world.clock.advance(60_000);

    const ids = handles.map(({ id }) => id);
    for (const [i, record] of (await world.store.getJobs(ids)).entries()) {
      const kind = kinds[i % kinds.length]!;
      const about = `job ${i} (${kind}), ${JSON.stringify(record?.attempts.map((a) => a.outcome))}`;
      assert(record && isFinal(record.status), `${about} is ${record?.status}`);
      assertEquals(record.status, ends[kind], about);
      assertEquals(record.holder, null, about);
      const final = record.attempts.filter(({ outcome }) => outcome === record.status);
      assertEquals(final.length, 1, `${about}: ended once`);
      assertEquals(record.attempts.at(-1), final[0], `${about}: nothing after the end`);
      const retries = record.attempts.filter(({ outcome }) => outcome === "retry").length;
      assertEquals(record.retryCount, retries, about);
      assertEquals(
        retries,
        kind === "fails" || kind === "hangs" ? 2 : kind === "later" ? 1 : 0,
        about,
      );
    }
    assertEquals(watch.doubles, [], "two live holders of one job");
  });
}
