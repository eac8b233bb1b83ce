/** Who may ask for which operations, and what of them is told to whom. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuthOptions } from "../../../mod.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { MonitorWorld } from "../world.ts";
import { countsOf, enqueue, failReady, send, start, TYPE } from "./jobs.ts";

function keyOf(digit: string): string {
  return `gqm_ak_${digit.repeat(48)}`;
}

const as = (digit: string): Readonly<Record<string, string>> => ({ "x-api-key": keyOf(digit) });
const VIEWER = as("1");
const OPERATOR = as("2");
const ADMIN = as("3");
/** Operators of one queue, and of one type. */
const OF_MAIL = as("4");
const OF_REPORTS = as("5");
const OF_TYPE = as("6");

const auth: AuthOptions = {
  apiKeys: [
    { name: "viewer", key: keyOf("1"), role: "viewer" },
    { name: "operator", key: keyOf("2"), role: "operator" },
    { name: "admin", key: keyOf("3"), role: "admin" },
    { name: "mail", key: keyOf("4"), role: "operator", queues: ["mail"] },
    { name: "reports", key: keyOf("5"), role: "operator", queues: ["reports"] },
    { name: "type", key: keyOf("6"), role: "operator", types: ["report"] },
  ],
};

async function withWorld(run: (world: MonitorWorld) => Promise<void>): Promise<void> {
  const clock = new FakeClock();
  const store = memoryStore({ clock });
  await store.open();
  const place = { store, clock, [Symbol.asyncDispose]: () => store.close() };
  const redact = [{ path: "payload.password" }];
  const world = new MonitorWorld(place, { auth, redact });
  await using _closed = world.monitor;
  await enqueue(store, 30, { payload: '{"password":"s3cret"}' }, "mail");
  await enqueue(store, 20, { queue: "reports" }, "reports");
  await failReady(store);
  await clock.advance(1);
  await run(world);
}

/** The state of an operation as an admin sees it in the end. */
async function ended(world: MonitorWorld, id: string): Promise<Readonly<Record<string, unknown>>> {
  while (true) {
    const { data } = await (await world.fetch(`/api/v1/operations/${id}`, { headers: ADMIN }))
      .json();
    if (data.ended_at_ms !== null) return data;
    await world.clock.advance(20);
  }
}

const RETRY_ALL = { action: "retry", query: {} };

test("an operation reaches the queues of whoever asks, and no others", () =>
  withWorld(async (world) => {
    const id = await start(world, RETRY_ALL, OF_MAIL);
    const { total, matched, changed, query, who } = await ended(world, id);
    assert.deepEqual([total, matched, changed, who], [30, 30, 30, "apikey:mail"]);
    assert.deepEqual((query as { queues: unknown }).queues, ["mail"]);
    assert.deepEqual(await countsOf(world.store), { ready: 30, dead_letter: 20 });
    const other = { action: "retry", query: { queue: "reports" } };
    assert.equal((await send(world, "/api/v1/operations", other, OF_MAIL)).status, 404);
    assert.equal((await send(world, "/api/v1/operations/preview", other, OF_MAIL)).status, 404);
    const { body } = await send(world, "/api/v1/operations/preview", RETRY_ALL, OF_REPORTS);
    const { total: seen, job_ids } = body.data as { total: number; job_ids: string[] };
    assert.equal(seen, 20);
    assert.ok(job_ids.every((one) => one.startsWith("reports")));
  }));

test("who sees some queues sees and cancels their own operations alone", () =>
  withWorld(async (world) => {
    const mine = await start(world, RETRY_ALL, OF_MAIL);
    const others = [
      await start(world, RETRY_ALL, OF_REPORTS),
      await start(world, RETRY_ALL, OPERATOR),
      await start(world, { action: "retry", query: { queue: "mail" } }, OPERATOR),
    ];
    for (const id of others) {
      const path = `/api/v1/operations/${id}`;
      assert.equal((await world.fetch(path, { headers: OF_MAIL })).status, 404);
      assert.equal((await send(world, `${path}/cancel`, undefined, OF_MAIL)).status, 404);
    }
    const list = async (headers: Readonly<Record<string, string>>): Promise<string[]> => {
      const { data } = await (await world.fetch("/api/v1/operations", { headers })).json();
      return data.map(({ id }: { id: string }) => id);
    };
    assert.deepEqual(await list(OF_MAIL), [mine]);
    assert.deepEqual((await list(VIEWER)).sort(), [mine, ...others].sort());
    assert.equal(
      (await send(world, `/api/v1/operations/${mine}/cancel`, undefined, OF_MAIL)).status,
      200,
    );
  }));

test("the pages of their own operations tell nothing of the others between them", () =>
  withWorld(async (world) => {
    const mine: string[] = [];
    for (let i = 0; i < 5; i++) {
      mine.unshift(await start(world, RETRY_ALL, OF_MAIL));
      await world.clock.advance(1);
      for (const who of [OPERATOR, OF_REPORTS]) await start(world, RETRY_ALL, who);
      await world.clock.advance(1);
    }
    const pages: string[][] = [];
    let cursor = "";
    do {
      const path = `/api/v1/operations?limit=2&cursor=${encodeURIComponent(cursor)}`;
      const query = cursor === "" ? "/api/v1/operations?limit=2" : path;
      const { data, meta } = await (await world.fetch(query, { headers: OF_MAIL })).json();
      pages.push(data.map(({ id }: { id: string }) => id));
      cursor = meta.cursor ?? "";
    } while (cursor !== "");
    assert.deepEqual(pages, [mine.slice(0, 2), mine.slice(2, 4), mine.slice(4)]);
  }));

test("only admins delete, and viewers ask for nothing", () =>
  withWorld(async (world) => {
    const remove = { action: "delete", query: { queue: "mail" } };
    for (const path of ["/api/v1/operations", "/api/v1/operations/preview"]) {
      const { status, body } = await send(world, path, remove, OPERATOR);
      assert.deepEqual([status, body.error], [403, "this needs the role 'admin'"]);
      assert.equal((await send(world, path, RETRY_ALL, VIEWER)).status, 403);
    }
    const id = await start(world, remove, ADMIN);
    assert.equal(
      (await send(world, `/api/v1/operations/${id}/cancel`, undefined, VIEWER)).status,
      403,
    );
    assert.equal((await ended(world, id)).changed, 30);
    assert.deepEqual(await countsOf(world.store), { dead_letter: 20 });
  }));

test("what is hidden from somebody chooses no jobs for them", () =>
  withWorld(async (world) => {
    const asked = { action: "retry", query: { q: "s3cret" } };
    const { body } = await send(world, "/api/v1/operations/preview", asked, OPERATOR);
    assert.equal((body.data as { matched: number }).matched, 0);
    const none = await ended(world, await start(world, asked, OPERATOR));
    assert.deepEqual([none.looked, none.matched, none.changed], [50, 0, 0]);
    const all = await ended(world, await start(world, asked, ADMIN));
    assert.equal(all.changed, 30);
    // What an admin looked for may be what is hidden.
    const path = `/api/v1/operations/${all.id}`;
    const { data } = await (await world.fetch(path, { headers: OPERATOR })).json();
    assert.equal(data.query.q, "[redacted]");
  }));

test("nor does a parent that they do not see, which the error of its child names", () =>
  withWorld(async (world) => {
    const dependsOn = [{ id: "hidden-parent", onFailure: "cancel" as const }];
    const delayMs = 60_000;
    await enqueue(world.store, 1, { queue: "mail", id: "hidden-parent", delayMs }, "mail");
    await enqueue(world.store, 1, { queue: "reports", id: "child", settings: { dependsOn } }, "r");
    await world.store.act(["hidden-parent"], { kind: "cancel", reason: "no" });
    await world.clock.advance(1);
    const status = ["canceled"];
    const asked = { action: "retry", query: { q: "hidden-p", queue: "reports", status } };
    const all = { action: "retry", query: { q: "hidden-p", type: TYPE, status } };
    for (
      const [one, who, found] of [[asked, OF_REPORTS, []], [all, OPERATOR, ["child"]]] as const
    ) {
      const { body } = await send(world, "/api/v1/operations/preview", one, who);
      const { job_ids } = body.data as { job_ids: string[] };
      assert.deepEqual(job_ids.filter((id) => id === "child"), found);
    }
  }));

test("who may enqueue some types enqueues these again", () =>
  withWorld(async (world) => {
    const all = { action: "requeue", query: {} };
    assert.equal((await send(world, "/api/v1/operations", all, OF_TYPE)).status, 400);
    const other = { action: "requeue", query: { type: TYPE } };
    assert.equal((await send(world, "/api/v1/operations", other, OF_TYPE)).status, 403);
    const own = { action: "requeue", query: { type: "report" } };
    assert.equal((await ended(world, await start(world, own, OF_TYPE))).changed, 0);
  }));

test("what is enqueued again tells who enqueued it", () =>
  withWorld(async (world) => {
    const id = await start(world, { action: "requeue", query: { queue: "reports" } }, OPERATOR);
    assert.equal((await ended(world, id)).changed, 20);
    const { jobs } = await world.store.list({ status: "ready", limit: 1 });
    assert.equal(jobs[0]?.settings.enqueuedBy, "apikey:operator");
  }));
