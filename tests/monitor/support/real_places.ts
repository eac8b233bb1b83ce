/** Stores of each kind under the system's clock, each of which several monitors can open. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeFromUrl } from "../../../mod.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../support/redis/shared.ts";

/** A place where jobs are, empty at first. */
export interface RealPlace extends AsyncDisposable {
  /** URL by which another process opens it; undefined of memory. */
  readonly url: string | undefined;
  /** Opens it, once more if it is open; of memory always the same. */
  open(): Promise<Store>;
}

/** A kind of store. */
export interface RealKind {
  readonly name: string;
  /** Why it cannot be tested here; false if it can. */
  readonly skip: string | false;
  make(): Promise<RealPlace>;
}

/** Every kind of store. */
export const realKinds: readonly RealKind[] = [
  {
    name: "memory",
    skip: false,
    make: () => {
      const store = memoryStore();
      const open = (): Promise<Store> => store.open().then(() => store);
      return Promise.resolve({ url: undefined, open, [Symbol.asyncDispose]: () => store.close() });
    },
  },
  {
    name: "sqlite",
    skip: false,
    make: async () => {
      const folder = await mkdtemp(join(tmpdir(), "gqm-real-"));
      return atUrl(`sqlite:${join(folder, "jobs.db")}`, () => rm(folder, { recursive: true }));
    },
  },
  {
    name: "redis",
    skip: testRedisProblem() ?? false,
    make: () => {
      const [url, prefix] = [testRedis(), uniquePrefix()];
      return Promise.resolve(atUrl(`${url}?prefix=${prefix}`, () => removeKeys(url, prefix)));
    },
  },
];

function atUrl(url: string, cleanUp: () => Promise<void>): RealPlace {
  const opened: Store[] = [];
  return {
    url,
    open: async () => {
      const store = storeFromUrl(url);
      opened.push(store);
      await store.open();
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of opened) await store.close();
      await cleanUp();
    },
  };
}
