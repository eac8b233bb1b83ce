/**
 * Jobs for `tests/faults/worker.ts`, and what must hold of them whatever
 * happened to the workers.
 */

import { assert, assertEquals } from "@std/assert";
import type { Client, JobHandle, Store } from "../../mod.ts";

/** The handle of a worker's job, whose result is its last holder's fence. */
export type WorkHandle = JobHandle<unknown, unknown>;

const START_LIMIT_MS = 30_000;

/** Enqueues jobs of random length, delay and priority, some of which fail once. */
export async function enqueueWork(
  client: Client,
  rng: () => number,
  count: number,
  longestMs: number = 60,
): Promise<WorkHandle[]> {
  const handles: WorkHandle[] = [];
  for (let i = 0; i < count; i++) {
    const payload = { ms: Math.floor(rng() * longestMs), failures: rng() < 0.2 ? 1 : 0 };
    const delayMs = rng() < 0.2 ? Math.floor(rng() * 1000) : 0;
    const options = { delayMs, priority: Math.floor(rng() * 5) };
    handles.push(await client.enqueue("work", payload, options));
  }
  return handles;
}

/** A handler's start. */
export interface Start {
  readonly id: string;
  readonly fence: number;
  readonly pid: number;
  readonly runtime: string;
}

/** The starts in a file of effects, in their order. */
export async function startsIn(effects: string): Promise<Start[]> {
  return (await Deno.readTextFile(effects)).trim().split("\n").map((line) => line.split(" "))
    .filter(([what]) => what === "start")
    .map(([, id = "", fence, pid, runtime = ""]) => ({
      id,
      fence: Number(fence),
      pid: Number(pid),
      runtime,
    }));
}

/** Waits until handlers have started, of the jobs and in the processes that are asked for. */
export async function untilStarted(
  effects: string,
  holds: (starts: readonly Start[]) => boolean,
): Promise<void> {
  const end = performance.now() + START_LIMIT_MS;
  while (!holds(await startsIn(effects))) {
    assert(performance.now() < end, `Cannot go on as jobs must start within ${START_LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Checks that no job was started twice under one fence; gives each job's
 * highest. They need not rise in the order of the file: a process may be paused
 * right before it starts a handler.
 */
export async function highestFences(effects: string): Promise<Map<string, number>> {
  const seen = new Set<string>();
  const highest = new Map<string, number>();
  for (const { id, fence } of await startsIn(effects)) {
    assert(!seen.has(`${id} ${fence}`), `job ${id} was started twice under fence ${fence}`);
    seen.add(`${id} ${fence}`);
    highest.set(id, Math.max(fence, highest.get(id) ?? 0));
  }
  return highest;
}

/**
 * Waits for the jobs and checks that each is completed once, by the holder with
 * the highest fence. Gives how often a holder was lost.
 */
export async function assertCompletedOnce(
  store: Store,
  handles: readonly WorkHandle[],
  effects: string,
): Promise<number> {
  const fences = await Promise.all(handles.map((handle) => handle.result()));
  const unfinished = (await store.counts()).filter(({ status }) => status !== "completed");
  assertEquals(unfinished, [], "every job is completed");
  const jobs = [];
  for (let i = 0; i < handles.length; i += 500) {
    jobs.push(...await store.getJobs(handles.slice(i, i + 500).map(({ id }) => id)));
  }
  let lost = 0;
  for (const job of jobs) {
    assert(job !== null, "an accepted job is there");
    const completed = job.attempts.filter(({ outcome }) => outcome === "completed").length;
    assertEquals(completed, 1, `job ${job.id} was completed ${completed} times`);
    lost += job.deliveries;
  }
  // A late holder's result was refused.
  const highest = await highestFences(effects);
  handles.forEach(({ id }, i) =>
    assertEquals(fences[i], highest.get(id), `job ${id}: the last holder's result counts`)
  );
  return lost;
}
