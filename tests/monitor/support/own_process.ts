/** Stores that several processes share, and how a process of the same runtime is started. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../support/redis/shared.ts";

/** What this runtime needs before the name of a script. */
export const runtimeFlags: readonly string[] = "Deno" in globalThis
  ? ["run", "--allow-all", "--no-check", "--quiet"]
  : "Bun" in globalThis
  ? []
  : ["--disable-warning=ExperimentalWarning"];

/** A kind of store that several processes can use. */
export interface SharedStore {
  readonly name: string;
  readonly skip: string | false;

  /** Makes one, gives its URL, and removes it afterwards. */
  use(what: (url: string) => Promise<void>): Promise<void>;
}

/** Every kind. */
export const sharedStores: readonly SharedStore[] = [{
  name: "a SQLite file",
  skip: false,
  use: async (what) => {
    const folder = await mkdtemp(join(tmpdir(), "gqm-shared-"));
    try {
      await what(`sqlite:${join(folder, "jobs.db")}`);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
}, {
  name: "a Redis",
  skip: testRedisProblem() ?? false,
  use: async (what) => {
    const [url, prefix] = [testRedis(), uniquePrefix()];
    try {
      await what(`${url}?prefix=${prefix}`);
    } finally {
      await removeKeys(url, prefix);
    }
  },
}];
