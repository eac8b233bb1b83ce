/** A world whose store is some milliseconds away. */

import { sleep } from "../../src/clock.ts";
import type { Server } from "../../src/run/server.ts";
import { World } from "./world.ts";

/** Milliseconds to the store and back. */
export const TRIP_MS = 4;

/** A world whose store is far away for claims and settles; with `isPipelined`, pools may have two cycles under way. */
export function farWorld(isPipelined: boolean): World {
  const world = new World();
  world.store.isPipelined = isPipelined;
  world.store.on("claim", ({ run }) => trip(world, run));
  world.store.on("settle", ({ run }) => trip(world, run));
  return world;
}

/** The way to the store and back. */
export async function trip<T>({ clock }: World, run: () => Promise<T>): Promise<T> {
  await sleep(clock, TRIP_MS / 2);
  const reply = await run();
  await sleep(clock, TRIP_MS / 2);
  return reply;
}

/** Adds jobs whose payloads count from 0; gives their ids. */
export async function enqueue(world: World, jobs: number): Promise<readonly string[]> {
  const handles = await world.client.enqueueMany(
    Array.from({ length: jobs }, (_, n) => ({ type: "work", payload: n })),
  );
  return handles.map(({ id }) => id);
}

/** Lets time go on until there is nothing to do. */
export async function drained(world: World, server: Server): Promise<void> {
  await world.drive(server.drain(), 1);
}
