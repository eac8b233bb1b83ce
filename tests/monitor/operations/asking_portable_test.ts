/** Asking for operations, looking at them, and what is refused, on every kind of store. */

import assert from "node:assert/strict";
import { uuidv7Generator } from "../../../src/job/id.ts";
import { testWithMonitor } from "../world.ts";
import { audited, countsOf, enqueue, failReady, QUEUE, send, start, untilEnded } from "./jobs.ts";

const RETRY = { action: "retry", query: { status: ["dead_letter"], queue: QUEUE } };

testWithMonitor("operations are listed with the newest first, by cursor", async (world) => {
  const { clock } = world;
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    ids.unshift(await start(world, RETRY));
    await clock.advance(1);
  }
  const listed: string[] = [];
  let cursor = "";
  do {
    const response = await world.fetch(`/api/v1/operations?limit=2${cursor}`);
    const { data, meta } = await response.json();
    listed.push(...data.map((one: { id: string }) => one.id));
    cursor = meta.cursor === undefined ? "" : `&cursor=${encodeURIComponent(meta.cursor)}`;
  } while (cursor !== "");
  assert.deepEqual(listed, ids);
});

testWithMonitor(
  "a preview tells what an operation would be done with, and does nothing",
  async (world) => {
    const { store, clock } = world;
    await enqueue(store, 600);
    await enqueue(store, 3, {}, "three");
    await failReady(store);
    await clock.advance(1);
    const preview = async (query: object): Promise<Readonly<Record<string, unknown>>> => {
      const { status, body } = await send(world, "/api/v1/operations/preview", {
        action: "retry",
        query,
      });
      assert.equal(status, 200);
      return body.data as Readonly<Record<string, unknown>>;
    };
    const few = await preview({ status: ["dead_letter"], id_prefix: "three" });
    assert.deepEqual([few.action, few.status, few.total], ["retry", ["dead_letter"], 603]);
    assert.equal(few.matched, 3);
    assert.deepEqual([...few.job_ids as string[]].sort(), [
      "three-00000",
      "three-00001",
      "three-00002",
    ]);
    const many = await preview({});
    assert.equal(many.complete, false);
    assert.equal((many.job_ids as string[]).length, 20);
    assert.ok((many.looked as number) <= 500);
    assert.deepEqual(await countsOf(store), { dead_letter: 603 });
    assert.deepEqual(await audited(store), []);
  },
);

testWithMonitor("what does not fit is refused", async (world) => {
  const { store, clock } = world;
  await enqueue(store, 300);
  await failReady(store);
  await clock.advance(1);
  const rows: readonly (readonly [body: unknown, status: number, says: RegExp])[] = [
    [{}, 400, /'action' must be given/],
    [{ action: "retry" }, 400, /'query' must be given/],
    [{ action: "explode", query: {} }, 400, /'action' must be one of/],
    [{ action: "retry", query: { status: ["ready"] } }, 400, /'query.status' must be among dead_/],
    [{ action: "delete", query: { status: ["processing"] } }, 400, /must be among/],
    [{ action: "retry", query: { color: "red" } }, 400, /'query.color' is not known/],
    [{ ...RETRY, expected: 100 }, 409, /it would be for up to 300 jobs, not 100/],
    [{ ...RETRY, expected: -1 }, 400, /'expected' must be at least 0/],
    [{ ...RETRY, reason: "x".repeat(1001) }, 400, /'reason' must have at most 1000/],
  ];
  for (const [body, status, says] of rows) {
    const reply = await send(world, "/api/v1/operations", body);
    assert.equal(reply.status, status, JSON.stringify(body));
    assert.match(reply.body.error as string, says);
  }
  const nobody = uuidv7Generator(() => clock.now())();
  assert.equal((await world.fetch(`/api/v1/operations/${nobody}`)).status, 404);
  assert.equal((await world.fetch("/api/v1/operations/x")).status, 400);
  assert.equal((await send(world, `/api/v1/operations/${nobody}/cancel`)).status, 404);
  assert.deepEqual(await countsOf(store), { dead_letter: 300 });
  // A few more than were shown are no reason.
  const id = await start(world, { ...RETRY, expected: 290 });
  assert.equal((await untilEnded(world, id)).changed, 300);
});

testWithMonitor("there are not more than 50 operations that have not ended", async (world) => {
  for (let i = 0; i < 50; i++) await start(world, RETRY);
  const { status, body } = await send(world, "/api/v1/operations", RETRY);
  assert.deepEqual([status, body.code], [409, "CONFLICT"]);
});

testWithMonitor("a delete that names no status leaves alone what has not ended", async (world) => {
  const { store, clock } = world;
  await enqueue(store, 5);
  await failReady(store);
  await enqueue(store, 4, {}, "ready");
  await enqueue(store, 3, { delayMs: 60_000 }, "later");
  await clock.advance(1);
  const id = await start(world, { action: "delete", query: {} });
  assert.equal((await untilEnded(world, id)).changed, 5);
  assert.deepEqual(await countsOf(store), { ready: 4, scheduled: 3 });
});
