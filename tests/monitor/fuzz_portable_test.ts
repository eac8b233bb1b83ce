/**
 * Requests of all kinds to all routes: none is answered otherwise than the table says, nothing fails
 * inside, and the store is in order afterwards.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { routes } from "../../src/monitor/routes.ts";
import type { Finding, Store } from "../../src/store/store.ts";
import { Draws } from "../property/draws.ts";
import { type Drawn, drawRequest, requestOf } from "./fuzz/draw_request.ts";
import { Judge } from "./fuzz/judge.ts";
import { live } from "./fuzz/life.ts";
import { type Kind, type MonitorWorld, openWorld, problemWith } from "./world.ts";

const LONG = process.env.GQM_LONG === "1";
const SEED = Number(process.env.GQM_SEED ?? (LONG ? Date.now() % 1_000_000_000 : 1));
const REQUESTS: Readonly<Record<Kind, number>> = LONG
  ? { memory: 20_000, sqlite: 20_000, redis: 20_000 }
  : { memory: 20_000, sqlite: 2000, redis: 5000 };
/** So many requests come between two steps of the life of the jobs. */
const EVERY = 20;

for (const kind of ["memory", "sqlite", "redis"] as const) {
  const name = `${
    REQUESTS[kind]
  } requests of seed ${SEED} are answered as the table says (${kind})`;
  test(name, { skip: problemWith(kind) ?? false }, async () => {
    const { world, close } = await openWorld(kind);
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      await fuzz(world, REQUESTS[kind]);
      assert.deepEqual(await findings(world.store), []);
      assert.deepEqual(unhandled, []);
    } finally {
      process.off("unhandledRejection", note);
      await close();
    }
  });
}

async function fuzz(world: MonitorWorld, count: number): Promise<void> {
  const draws = new Draws(SEED);
  const judge = new Judge(routes);
  for (let i = 0; i < count; i++) {
    if (i % EVERY === 0) await live(world.store, world.clock, draws);
    const drawn = drawRequest(draws, routes);
    const request = requestOf(drawn);
    if (request === undefined) continue;
    try {
      const response = await world.monitor.fetch(request, { remoteAddr: drawn.remoteAddr });
      await judge.judge(request, response);
    } catch (error) {
      throw new Error(`Request ${i} of seed ${SEED} is answered wrongly: ${show(drawn, world)}`, {
        cause: error,
      });
    }
  }
  if (count < 1000) return;
  // That much luck is not needed: else the requests would test nothing.
  const untouched = routes.map(({ method, path }) => `${method} ${path}`).filter((route) =>
    ![...judge.seen.keys()].some((key) => key.startsWith(`${route} `))
  );
  assert.deepEqual(untouched, [], "routes that were never asked");
}

function show(drawn: Drawn, { logger }: MonitorWorld): string {
  const failed = logger.saying("Request failed").at(-1)?.fields.error;
  const body = typeof drawn.body === "string" ? drawn.body.slice(0, 2000) : drawn.body?.join();
  return `${JSON.stringify({ ...drawn, body })}; logged: ${(failed as Error)?.stack}`;
}

async function findings(store: Store): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  let cursor: string | undefined;
  do {
    const from = cursor === undefined ? {} : { cursor };
    const reply = await store.check({ repair: false, limit: 1000, ...from });
    found.push(...reply.findings);
    cursor = reply.cursor;
  } while (cursor !== undefined);
  return found;
}
