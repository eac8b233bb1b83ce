/** An empty store of each kind, for tests that are made once for each. */

import { memoryStore } from "../../src/store/memory/store.ts";
import { redisStore } from "../../src/store/redis/store.ts";
import { sqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { removeKeys, testRedis, testRedisProblem, uniquePrefix } from "./redis/shared.ts";

/** An open store of one kind, empty, and the clock that rules it. */
export interface TestStore {
  readonly store: Store;
  readonly clock: FakeClock;
  /** Opens one more store on the same jobs; only where several can be. */
  readonly second: () => Promise<Store>;
}

type Make = () => { readonly make: (clock: FakeClock) => Store; cleanUp(): Promise<void> };

const kinds: Readonly<Record<string, Make>> = {
  memory: () => ({ make: (clock) => memoryStore({ clock }), cleanUp: () => Promise.resolve() }),
  sqlite: () => {
    const folder = Deno.makeTempDirSync({ prefix: "gqm-three-" });
    return {
      make: (clock) => sqliteStore(`${folder}/jobs.db`, { clock }),
      cleanUp: () => Deno.remove(folder, { recursive: true }),
    };
  },
  redis: () => {
    const [url, prefix] = [testRedis(), uniquePrefix()];
    return {
      make: (clock) => redisStore(url, { clock, prefix }),
      cleanUp: () => removeKeys(url, prefix),
    };
  },
};

/** Registers a test for each kind of store; Redis is left out where there is none. */
export function testOnThreeStores(name: string, run: (world: TestStore) => Promise<void>): void {
  for (const [kind, make] of Object.entries(kinds)) {
    const ignore = kind === "redis" && testRedisProblem() !== undefined;
    Deno.test({
      name: `${name} (${kind})`,
      ignore,
      fn: async () => {
        const clock = new FakeClock();
        const { make: create, cleanUp } = make();
        const opened: Store[] = [];
        const second = async (): Promise<Store> => {
          const store = create(clock);
          opened.push(store);
          await store.open();
          return store;
        };
        try {
          const store = await second();
          await run({ store, clock, second });
        } finally {
          for (const store of opened) await store.close();
          await cleanUp();
        }
      },
    });
  }
}
