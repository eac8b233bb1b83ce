/** Stores of each kind under a clock that stands still, on every runtime. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { redisStore } from "../../../src/store/redis/store.ts";
import { sqliteStore } from "../../../src/store/sqlite/store.ts";
import type { Store } from "../../../src/store/store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../support/redis/shared.ts";

/** An empty store, open, and the clock that rules it. */
export interface Place extends AsyncDisposable {
  readonly store: Store;
  readonly clock: FakeClock;
}

/** A kind of store. */
export interface Kind {
  readonly name: string;
  /** Why it cannot be tested here; false if it can. */
  readonly skip: string | false;
  /** Makes an empty one. */
  make(): Promise<Place>;
}

/** Every kind of store. */
export const kinds: readonly Kind[] = [
  {
    name: "memory",
    skip: false,
    make: () => place((clock) => memoryStore({ clock })),
  },
  {
    name: "sqlite",
    skip: false,
    make: async () => {
      const folder = await mkdtemp(join(tmpdir(), "gqm-monitor-"));
      return await place(
        (clock) => sqliteStore(join(folder, "jobs.db"), { clock }),
        () => rm(folder, { recursive: true }),
      );
    },
  },
  {
    name: "redis",
    skip: testRedisProblem() ?? false,
    make: () => {
      const [url, prefix] = [testRedis(), uniquePrefix()];
      return place((clock) => redisStore(url, { clock, prefix }), () => removeKeys(url, prefix));
    },
  },
];

async function place(
  make: (clock: FakeClock) => Store,
  cleanUp: () => Promise<void> = () => Promise.resolve(),
): Promise<Place> {
  const clock = new FakeClock();
  const store = make(clock);
  const close = async (): Promise<void> => {
    await store.close();
    await cleanUp();
  };
  try {
    await store.open();
  } catch (error) {
    await close();
    throw error;
  }
  return { store, clock, [Symbol.asyncDispose]: close };
}
