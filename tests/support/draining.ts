import { assert, assertEquals } from "@std/assert";
import type { JobRecord } from "../../src/job/job.ts";
import type { JobStatus } from "../../src/job/state.ts";
import type { Server } from "../../src/run/server.ts";
import { enqueue } from "./far_world.ts";
import { Traffic } from "./traffic.ts";
import type { World } from "./world.ts";

/** Jobs that a pool drains. */
export const JOBS = 1000;
/** Its slots. */
export const SLOTS = 10;
/** Most that a pool holds ahead. */
export const AHEAD = 128;

/** A pool that drains a store which is far away, and what goes to and fro. */
export async function draining(
  world: World,
  { prefetch, handler }: {
    readonly prefetch?: number;
    readonly handler?: () => Promise<void>;
  } = {},
): Promise<{ server: Server; traffic: Traffic; seen: number[] }> {
  await enqueue(world, JOBS);
  const traffic = new Traffic(world);
  const seen: number[] = [];
  const server = world.server({ leaseMs: 6000 });
  server.handle("work", ({ job }) => {
    seen.push(job.payload as number);
    return handler?.();
  });
  server.pool({
    name: "p",
    types: ["work"],
    concurrency: SLOTS,
    ...prefetch !== undefined && { prefetch },
  });
  return { server, traffic, seen };
}

/** Lets time go on until two cycles are under way. */
export async function untilTwo({ clock }: World, { underWay }: Traffic): Promise<void> {
  for (let i = 0; underWay.size < 2 && i < 1000; i++) await clock.advance(0.5);
  assertEquals(underWay.size, 2);
}

/** All jobs of a status. */
export async function listed({ store }: World, status: JobStatus): Promise<readonly JobRecord[]> {
  const found: JobRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ status, limit: 500, ...cursor && { cursor } });
    found.push(...page.jobs);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

/** Each job ran once and is done, and no delivery was lost. */
export async function assertRanOnce(world: World, seen: readonly number[]): Promise<void> {
  assertEquals(seen.toSorted((a, b) => a - b), Array.from({ length: JOBS }, (_, n) => n));
  const jobs = await listed(world, "completed");
  assertEquals(jobs.length, JOBS);
  assert(jobs.every((job) => job.deliveries === 0 && job.attemptsMade === 1));
}
