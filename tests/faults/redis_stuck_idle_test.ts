/**
 * An idle server whose process stands still, or whose thread is blocked, while Redis
 * carries out the claim that waits for it: the job is another's soon, and counts no delivery.
 */

import { assert, assertEquals } from "@std/assert";
import { Client } from "../../mod.ts";
import { startsIn, untilStarted } from "../support/effects.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisRun } from "../support/redis/run.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { Workers } from "../support/workers.ts";

const SCRIPT = "tests/faults/worker.ts";
const LEASE_MS = 9000;
/** Longest wait for anything, in milliseconds. */
const LIMIT_MS = 30_000;
/** Most quick jobs until each of two servers has had one. */
const MOST_JOBS = 500;
const NOTHING = { ms: 0, failures: 0 };
const ignore = serverProblem() !== undefined;

/** Two workers on a Redis of their own, each idle with a claim that waits there. */
class Place implements AsyncDisposable {
  readonly client: Client;
  readonly run: RedisRun;
  readonly workers: Workers;
  /** A file that is there while handlers are to block. */
  readonly blocks: string;
  readonly #redis: RedisServer;
  readonly #admin: RespClient;

  private constructor(redis: RedisServer, run: RedisRun, admin: RespClient) {
    this.#redis = redis;
    this.#admin = admin;
    this.run = run;
    this.client = new Client({ store: run.url });
    this.workers = new Workers(SCRIPT, run.workerArgs(LEASE_MS));
    this.blocks = `${run.effects}.blocks`;
  }

  static async start(): Promise<Place> {
    const redis = await RedisServer.start();
    const run = await RedisRun.start(redis.url);
    const admin = await RespClient.connect(redis.url);
    const place = new Place(redis, run, admin);
    place.workers.start(2);
    await (await place.client.enqueue("work", NOTHING)).result();
    await place.untilAllWait();
    return place;
  }

  /** Waits until each worker blocks on Redis, with a claim behind. */
  async untilAllWait(): Promise<void> {
    await until(() => this.allWait());
  }

  /** Whether each worker blocks on Redis, with a claim behind. */
  async allWait(): Promise<boolean> {
    const waits = /^(?=.* cmd=blpop )(?!.* qbuf=0 )/;
    const clients = await this.#admin.call("CLIENT", "LIST") as string;
    const waiting = clients.split("\n").filter((one) => waits.test(one));
    return waiting.length === this.workers.pids.length;
  }

  /** Enqueues jobs that take no time until the server of this process holds one, or has run one. */
  async untilTaken(by: number): Promise<{ readonly id: string; readonly claimedAt: number }> {
    for (let i = 0; i < MOST_JOBS; i++) {
      const handle = await this.client.enqueue("work", NOTHING);
      const job = await untilKnown(async () => {
        const job = await handle.job();
        return job?.holder || job?.status === "completed" ? job : undefined;
      });
      const holder = job.holder?.server ?? (await handle.job())?.attempts[0]?.server ?? "";
      if (holder.includes(`-${by}-`)) return { id: job.id, claimedAt: job.holder?.claimedAt ?? 0 };
    }
    throw new Error(`Cannot go on as process ${by} must take one of ${MOST_JOBS} jobs`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workers.kill();
    await this.client[Symbol.asyncDispose]();
    await this.#admin[Symbol.asyncDispose]();
    await this.run[Symbol.asyncDispose]();
    await this.#redis[Symbol.asyncDispose]();
  }
}

async function untilKnown<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Cannot go on as this must happen within ${LIMIT_MS} ms: ${ask}`);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  await untilKnown(async () => await holds() || undefined);
}

/** Makes an idle server do nothing; gives the process that is stuck, and what frees it. */
type Stick = (place: Place) => Promise<readonly [pid: number, free: () => unknown]>;

const ways: Readonly<Record<string, Stick>> = {
  "is stopped": async (place) => {
    const pid = place.workers.pids[0]!;
    await place.untilTaken(pid); // so that its next wait has just begun
    await place.untilAllWait();
    Deno.kill(pid, "SIGSTOP");
    return [pid, () => Deno.kill(pid, "SIGCONT")];
  },
  "has a blocked thread": async (place) => {
    const { id } = await place.client.enqueue("work", {
      ms: 0,
      failures: 0,
      blockWhile: place.blocks,
    });
    const noted = (what: string) =>
      untilKnown(async () => {
        const effects = await Deno.readTextFile(place.run.effects);
        return new RegExp(`^${what} ${id} \\d+ (\\d+)`, "m").exec(effects)?.[1];
      });
    await noted("start");
    await place.untilAllWait(); // it offers its other slots
    await Deno.writeTextFile(place.blocks, "");
    return [Number(await noted("block")), () => Deno.remove(place.blocks)];
  },
};

/** Sticks a server with a claim that waits; it may have called that off just before it stuck. */
async function stickWaiting(place: Place, stick: Stick): ReturnType<Stick> {
  for (;;) {
    const [pid, free] = await stick(place);
    if (await place.allWait()) return [pid, free];
    await free();
  }
}

for (const [name, stick] of Object.entries(ways)) {
  Deno.test({
    name: `a job that Redis claims for an idle server that ${name} is soon run by another, once`,
    ignore,
    fn: async () => {
      await using place = await Place.start();
      const { client, run } = place;
      const [stuck, free] = await stickWaiting(place, stick);
      const { id, claimedAt } = await place.untilTaken(stuck);
      await untilStarted(run.effects, (starts) => starts.some((start) => start.id === id));
      const job = await untilKnown(async () => {
        const job = await client.getJob(id);
        return job?.status === "completed" ? job : undefined;
      });
      const waited = job.startedAt! - claimedAt;
      assert(waited < LEASE_MS, `a whole lease was over: ${waited} ms`);
      assertEquals([job.deliveries, job.attempts.length], [0, 1]);
      await free();
      await place.untilTaken(stuck);
      const starts = (await startsIn(run.effects)).filter((start) => start.id === id);
      assertEquals(starts.length, 1, "who comes back asks before it starts what it has got");
      assert(starts[0]!.pid !== stuck);
    },
  });
}
