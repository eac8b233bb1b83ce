/**
 * Requests of all kinds to all routes: none is answered otherwise than the table says, nothing fails
 * inside, what is redacted is not told, who has one queue alone reaches no other, and the store is in
 * order afterwards.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { listOperations, openOperations } from "../../src/monitor/operations/operation_memos.ts";
import { routes } from "../../src/monitor/routes.ts";
import type { Finding, Store } from "../../src/store/store.ts";
import { Draws } from "../property/draws.ts";
import type { Verb } from "../support/decorated_store.ts";
import { type Asker, auth, keyHolders, logins } from "./fuzz/askers.ts";
import { type Drawn, drawRequest, requestOf } from "./fuzz/draw_request.ts";
import { Judge } from "./fuzz/judge.ts";
import { live } from "./fuzz/life.ts";
import { assertRedacted, assertTellsNothing, otherJobs } from "./fuzz/scope.ts";
import { fill } from "./support/filled.ts";
import { kinds, type Place } from "./support/places.ts";
import { MonitorWorld } from "./world.ts";

const LONG = process.env.GQM_LONG === "1";
const SEED = Number(process.env.GQM_SEED ?? (LONG ? Date.now() % 1_000_000_000 : 1));
/** Requests on a store; others than memory take longer. */
const COUNTS: Readonly<Record<string, number>> = { memory: 7000, sqlite: 2000, redis: 2000 };
const LONG_COUNT = 20_000;
/** Verbs of the store that routes call. */
const VERBS: readonly Verb[] = [
  ...["enqueue", "act", "pause", "paused", "getJobs", "list", "counts", "children"],
  ...["schedules", "changeSchedule", "scheduleHistory", "servers", "info", "totals", "days"],
  ...["series", "oldest"],
  ...["limits", "setLimit"],
  ...["putMemos", "addMemo", "memos", "memosUnder", "hit", "unhit", "addToTrail", "trail"],
  ...["watchEvents", "errorGroups"],
] as const;
/** So many requests come between two steps of the life of the jobs. */
const EVERY = 20;

/** Under what circumstances requests come. */
interface Circumstances {
  readonly who: string;
  /** Whether nobody has to show who they are. */
  readonly isOpen: boolean;
  /** Whether calls of the store fail now and then. */
  readonly isFailing: boolean;
}

const circumstances: readonly Circumstances[] = [
  { who: "nobody in particular", isOpen: true, isFailing: false },
  { who: "users and keys", isOpen: false, isFailing: false },
  { who: "users and keys, while the store fails,", isOpen: false, isFailing: true },
];

for (const kind of kinds) {
  for (const { who, isOpen, isFailing } of circumstances) {
    const count = LONG ? LONG_COUNT : COUNTS[kind.name]!;
    const name = `${count} requests of seed ${SEED} from ${who} get what the table says`;
    test(`${name} (${kind.name})`, { skip: kind.skip }, async () => {
      await using place = await kind.make();
      await fill(place);
      const redact = [{ path: "**.secret", except: [] }];
      const world = new MonitorWorld(place, isOpen ? { redact } : { redact, auth, trustProxy: 1 });
      await using _closed = world.monitor;
      const unhandled: unknown[] = [];
      const note = (reason: unknown): void => void unhandled.push(reason);
      process.on("unhandledRejection", note);
      try {
        const askers = isOpen ? [] : [...keyHolders, ...await sessions(world)];
        await fuzz({ place, world, count, askers, isFailing });
        assert.deepEqual(await findings(place.store), []);
        assert.deepEqual(unhandled, []);
      } finally {
        process.off("unhandledRejection", note);
      }
    });
  }
}

async function sessions(world: MonitorWorld): Promise<Asker[]> {
  return await Promise.all(logins.map(async ([body, isScoped]) => {
    const headers = { "content-type": "application/json" };
    const response = await world.fetch("/auth/login", { method: "POST", headers, body });
    assert.equal(response.status, 200);
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0]);
    return { headers: { cookie: cookies.join("; ") }, isScoped };
  }));
}

interface Plan {
  readonly place: Place;
  readonly world: MonitorWorld;
  readonly count: number;
  /** Who asks; empty if nobody has to show who they are. */
  readonly askers: readonly Asker[];
  readonly isFailing: boolean;
}

async function fuzz({ place, world, count, askers, isFailing }: Plan): Promise<void> {
  const draws = new Draws(SEED);
  const judge = new Judge(routes);
  let made: readonly string[] = [];
  for (let i = 0; i < count; i++) {
    if (i % EVERY === 0) {
      await live(place, draws);
      made = await endOperations(place, world);
    }
    const asker = askers.length === 0 || draws.chance(0.05) ? undefined : draws.pick(askers);
    const drawn = drawRequest(draws, routes, asker?.headers ?? {}, made);
    const request = requestOf(drawn);
    if (request === undefined) continue;
    const isScoped = askers.length > 0 && (asker?.isScoped ?? true);
    try {
      const before = isScoped ? await otherJobs(place.store) : new Map<string, string>();
      if (isFailing) breakSome(world, draws);
      const response = await world.monitor.fetch(request, { remoteAddr: drawn.remoteAddr });
      const text = await judge.judge(request, response, { mayFail: isFailing });
      assertRedacted(text);
      if (!isScoped) continue;
      assertTellsNothing(text);
      const after = await otherJobs(place.store);
      for (const [id, job] of before) {
        assert.equal(after.get(id), job, `job ${id} of another queue`);
      }
    } catch (error) {
      throw new Error(`Request ${i} of seed ${SEED} is answered wrongly: ${show(drawn, world)}`, {
        cause: error,
      });
    }
  }
  // That much luck is not needed: else the requests would test nothing.
  const untouched = routes.map(({ method, path }) => `${method} ${path}`).filter((route) =>
    ![...judge.seen.keys()].some((key) => key.startsWith(`${route} `))
  );
  assert.deepEqual(untouched, [], "routes that were never asked");
}

/**
 * Lets operations come to their ends, as those of one change jobs that another does not see; gives the
 * ids of the newest.
 */
async function endOperations({ store, clock }: Place, world: MonitorWorld): Promise<string[]> {
  while ((await openOperations(store)).length > 0) {
    await clock.advance(1000);
    await (await world.fetch("/health")).text();
  }
  const { operations } = await listOperations(store, { limit: 5 });
  return operations.map(({ order }) => order.id);
}

/** Has some verbs fail the next time that they are called, whenever that is. */
function breakSome(world: MonitorWorld, draws: Draws): void {
  if (draws.chance(0.5)) world.breakNext(draws.pick(VERBS), draws.pick(["before", "after"]));
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
