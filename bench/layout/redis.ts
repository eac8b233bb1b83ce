/**
 * A Redis of the bench's own, and what a piece of work costs it.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

/** A server with a client, on a unix socket; disposed together. */
export interface OwnRedis extends AsyncDisposable {
  readonly redis: Redis;
  readonly version: string;
}

/** Starts `redis-server` without persistence. */
export async function startRedis(): Promise<OwnRedis> {
  const dir = mkdtempSync(join(tmpdir(), "gqm-layout-"));
  const path = join(dir, "redis.sock");
  const server = spawn("redis-server", [
    ...["--port", "0", "--unixsocket", path, "--dir", dir],
    ...["--save", "", "--appendonly", "no"],
  ], { stdio: "ignore" });
  const redis = new Redis({ path, maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on("error", () => {});
  await redis.ping();
  const version = /redis_version:(\S+)/.exec(await redis.info("server"))![1]!;
  return {
    redis,
    version,
    [Symbol.asyncDispose]: async () => {
      redis.disconnect();
      server.kill("SIGKILL");
      await new Promise((resolve) => server.once("exit", resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Redis CPU-µs so far, user and system. */
export async function cpuUs(redis: Redis): Promise<number> {
  const info = await redis.info("cpu");
  const seconds = (name: string): number =>
    Number(new RegExp(`^${name}:(\\S+)`, "m").exec(info)![1]);
  return (seconds("used_cpu_user") + seconds("used_cpu_sys")) * 1e6;
}

/** Bytes of the data set. */
export async function memoryBytes(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info("memory"))![1]);
}

/** Calls of commands so far, those inside scripts included. */
export async function commandCalls(redis: Redis): Promise<number> {
  const info = await redis.info("commandstats");
  return [...info.matchAll(/calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
