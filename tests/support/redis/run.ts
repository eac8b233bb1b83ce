/** What a test with worker processes on Redis needs. */

import { removeKeys, testRedis, uniquePrefix } from "./shared.ts";

/** Whether tests take their time. */
export const LONG = Deno.env.get("GQM_LONG") === "1";

/** The seed of this run, printed so that a failure can be replayed by `GQM_SEED`. */
export const SEED = Number(Deno.env.get("GQM_SEED") ?? Date.now() % 1_000_000);

/** A part of a Redis, and a file for what handlers do. Disposing removes both. */
export class RedisRun implements AsyncDisposable {
  /** URL with a prefix of its own. */
  readonly url: string;
  /** File of effects, empty at first. */
  readonly effects: string;
  readonly #folder: string;
  readonly #redis: string;
  readonly #prefix: string;

  private constructor(folder: string, redis: string, prefix: string) {
    this.#folder = folder;
    this.#redis = redis;
    this.#prefix = prefix;
    this.url = `${redis}?prefix=${prefix}`;
    this.effects = `${folder}/effects.log`;
  }

  /** Takes a part of the shared Redis, or of another. */
  static async start(redis: string = testRedis()): Promise<RedisRun> {
    console.log(`seed ${SEED}`);
    const folder = await Deno.makeTempDir({ prefix: "gqm-faults-" });
    const run = new RedisRun(folder, redis, uniquePrefix());
    await Deno.writeTextFile(run.effects, "");
    return run;
  }

  /** The arguments of `tests/faults/worker.ts`. */
  workerArgs(leaseMs: number, unusual: object = {}): string[] {
    return [this.url, this.effects, String(leaseMs), JSON.stringify(unusual)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
    // The server may be the test's own, and gone.
    await removeKeys(this.#redis, this.#prefix).catch((error) => {
      if (this.#redis === testRedis()) throw error;
    });
  }
}
