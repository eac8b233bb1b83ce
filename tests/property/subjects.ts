/** The stores under test. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redisStore } from "../../src/store/redis/store.ts";
import { sqliteStore } from "../../src/store/sqlite/store.ts";
import { removeKeys, testRedis, uniquePrefix } from "../support/redis/shared.ts";
import type { Subject } from "./play.ts";

/** Each in a file of its own. */
const sqlite: Subject = {
  name: "sqlite",
  trimsAtOnce: true,
  endsInOrder: true,
  async open(options) {
    const folder = await mkdtemp(join(tmpdir(), "gqm-property-"));
    const store = sqliteStore(join(folder, "jobs.db"), { ...options, synchronous: "normal" });
    await store.open();
    return { store, cleanUp: () => rm(folder, { recursive: true, force: true }) };
  },
};

/** Each under keys of its own. */
const redis: Subject = {
  name: "redis",
  trimsAtOnce: false,
  endsInOrder: false,
  async open(options) {
    const url = testRedis();
    const prefix = uniquePrefix();
    const store = redisStore(url, { ...options, prefix });
    await store.open();
    return { store, cleanUp: () => removeKeys(url, prefix) };
  },
};

/** By name. */
export const subjects: Readonly<Record<"sqlite" | "redis", Subject>> = { sqlite, redis };
