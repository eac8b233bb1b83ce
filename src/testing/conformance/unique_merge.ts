/**
 * Unique: what `onConflict` does about the job that is there.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { EnqueueReply, NewJob } from "../../store/store.ts";
import {
  cancel,
  claimIds,
  claimOne,
  complete,
  deadLetter,
  newJob,
  pick,
  put,
  read,
  release,
  retryIn,
  settle,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, callOff, claimJob, relayAll, run } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";
import { bring, BRING_MS, reachable } from "./status_builders.ts";
import { byId, duplicate, enqueueOne, keyed } from "./unique_builders.ts";
import { wokenBy } from "./wait.ts";

const owned = { settings: keyed("a", "removed").settings };
const merged = (status: string): EnqueueReply =>
  ({ outcome: "merged", id: "a", status }) as EnqueueReply;
const big = (letter: string): string => JSON.stringify(letter.repeat(100_000));

function rival(onConflict: NewJob["onConflict"], fields: Partial<NewJob> = {}): NewJob {
  return keyed("b", "finished", undefined, {
    onConflict: onConflict!,
    payload: '"new"',
    ...fields,
  });
}

/** Ways to end a processing owner. */
const ends: Readonly<Record<string, (h: ConformanceHarness) => Promise<unknown>>> = {
  "completes": async (h) => settle(await h.open(), await claimed(h), complete()),
  "is dead-lettered": async (h) => settle(await h.open(), await claimed(h), deadLetter()),
  "is canceled by its handler": async (h) => settle(await h.open(), await claimed(h), cancel()),
  "is canceled": async (h) => actOn(await h.open(), "a", callOff),
  "is dead-lettered by reap()": async (h) => {
    await h.advance(60_000);
    await (await h.open()).reap({ limit: 10, maxDeliveries: 1 });
  },
  "is retried, and then completes": async (h) => {
    const store = await h.open();
    await settle(store, await claimed(h), retryIn(0));
    await assertStatuses(store, { b: "deferred" });
    await store.promote(10);
    await run(store, "a", complete());
  },
  "is given back, and then removed": async (h) => {
    const store = await h.open();
    await settle(store, await claimed(h), release);
    await actOn(store, "a", { kind: "remove" });
  },
};

/** The claim on the owner, as its holder knows it. */
async function claimed(h: ConformanceHarness): Promise<Parameters<typeof settle>[1]> {
  const record = await read(await h.open(), "a");
  assert.ok(record.holder !== null, "the owner is processing");
  return { ...record, holder: record.holder };
}

/** What replace, debounce and rerun promise. */
export const uniqueMergeCases: readonly ConformanceCase[] = stageCases("unique", {
  ...Object.fromEntries(
    reachable.flatMap((status) =>
      (["keep", "replace", "debounce", "rerun"] as const)
        .filter((onConflict) => onConflict !== "rerun" || status !== "processing")
        .map((onConflict) => {
          const waits = ["ready", "scheduled", "deferred", "retry"].includes(status);
          const merges = waits && (onConflict === "replace" || onConflict === "debounce");
          const name = `${onConflict} on an owner that is ${status} ${
            merges ? "gives it the payload" : "answers 'duplicate'"
          }`;
          return [name, async (h: ConformanceHarness) => {
            const store = await h.open();
            await bring(store, "a", status, { ...owned, priority: 2 });
            const before = await read(store, "a");
            const reply = await enqueueOne(store, rival(onConflict, { priority: 9 }));
            const after = await read(store, "a");
            await assertStatuses(store, { b: null });
            if (!merges) {
              assert.deepEqual(reply, duplicate("a", status));
              return assert.deepEqual(after, before);
            }
            const moved = onConflict === "debounce" && status === "scheduled" ? "ready" : status;
            assert.deepEqual(reply, merged(moved));
            const runAt = moved === "ready"
              ? null
              : onConflict === "debounce" && status === "retry"
              ? h.now()
              : before.runAt;
            assert.deepEqual(after, { ...before, payload: '"new"', status: moved, runAt });
          }] as const;
        })
    ),
  ),

  async "replace keeps place, priority and due time, for payloads of any size"(h) {
    const store = await h.open();
    await put(store, newJob("a", { ...owned, payload: '"small"' }), newJob("x"));
    for (const payload of [big("y"), '"small again"', big("z"), JSON.stringify("w".repeat(5000))]) {
      assert.deepEqual(await enqueueOne(store, rival("replace", { payload })), merged("ready"));
      assert.ok((await read(store, "a")).payload === payload, `payload of ${payload.length}`);
    }
    const [a, x] = [await claimOne(store), await claimOne(store)];
    assert.deepEqual([a.id, x.id], ["a", "x"]);
    assert.ok(a.payload === JSON.stringify("w".repeat(5000)), "the newest is claimed");
  },

  async "debounce begins the time of a job anew: ready and scheduled go as the new one says"(h) {
    const store = await h.open();
    await put(store, newJob("a", { ...owned, delayMs: 100 }));
    for (let i = 0; i < 3; i++) {
      await h.advance(60);
      assert.deepEqual(
        await enqueueOne(store, rival("debounce", { delayMs: 100 })),
        merged("scheduled"),
      );
      assert.equal((await read(store, "a")).runAt, h.now() + 100);
      assert.deepEqual(await claimIds(store), []);
    }
    assert.deepEqual(await enqueueOne(store, rival("debounce")), merged("ready"));
    assert.deepEqual(pick(await read(store, "a"), "status", "runAt"), {
      status: "ready",
      runAt: null,
    });
    assert.deepEqual(
      await enqueueOne(store, rival("debounce", { delayMs: 50 })),
      merged("scheduled"),
    );
    assert.deepEqual(await claimIds(store), []);
    const late = rival("debounce", { runAt: h.now() + 70 });
    assert.deepEqual(await enqueueOne(store, late), merged("scheduled"));
    assert.deepEqual(await tally(store), { "default/work/scheduled": 1 });
    await h.advance(69);
    assert.deepEqual(await claimIds(store), []);
    await h.advance(1);
    assert.deepEqual(await claimIds(store), ["a"]);
  },

  async "debounce leaves a retry a retry, due when the new job would be"(h) {
    const store = await h.open();
    await bring(store, "a", "retry", owned);
    assert.deepEqual(await enqueueOne(store, rival("debounce", { delayMs: 20 })), merged("retry"));
    assert.deepEqual(
      pick(await read(store, "a"), "status", "runAt", "attemptsMade", "retryCount"),
      {
        status: "retry",
        runAt: h.now() + 20,
        attemptsMade: 1,
        retryCount: 1,
      },
    );
    await h.advance(20);
    const job = await claimOne(store);
    assert.deepEqual(pick(job, "id", "payload", "retryCount"), {
      id: "a",
      payload: '"new"',
      retryCount: 1,
    });
  },

  async "debounce gives a deferred job another delay, which counts from its release"(h) {
    const store = await h.open();
    await bring(store, "a", "deferred", { ...owned, delayMs: BRING_MS });
    const job = rival("debounce", { delayMs: 30 });
    assert.deepEqual(await enqueueOne(store, job), merged("deferred"));
    await h.advance(500);
    await run(store, "a-parent", complete());
    assert.deepEqual(pick(await read(store, "a"), "status", "runAt", "payload"), {
      status: "scheduled",
      runAt: h.now() + 30,
      payload: '"new"',
    });
    await bring(store, "c", "deferred", {
      settings: { unique: { key: "c", until: "finished" } },
      delayMs: 9,
    });
    const now = keyed("d", "finished", undefined, { onConflict: "debounce" });
    const settings = { unique: { key: "c", until: "finished" } } as const;
    assert.equal((await enqueueOne(store, { ...now, settings })).outcome, "merged");
    await run(store, "c-parent", complete());
    await assertStatuses(store, { c: "ready" });
  },

  async "debounce of a job that was due later wakes a pool"(h) {
    const store = await h.open();
    await put(store, newJob("a", { ...owned, delayMs: 86_400_000 }));
    const cause = (): Promise<unknown> => enqueueOne(store, rival("debounce"));
    assert.deepEqual(await wokenBy(h, store, cause), ["a"]);
  },

  async "replace and debounce work by id too"(h) {
    const store = await h.open();
    await put(store, newJob("a", { delayMs: 100 }));
    for (const onConflict of ["replace", "debounce"] as const) {
      const job: NewJob = { ...byId("a", "removed"), onConflict, payload: `"${onConflict}"` };
      const status = onConflict === "replace" ? "scheduled" : "ready";
      assert.deepEqual(await enqueueOne(store, job), merged(status));
      assert.equal((await read(store, "a")).payload, `"${onConflict}"`);
    }
    assert.deepEqual(await tally(store), { "default/work/ready": 1 });
  },

  ...Object.fromEntries(
    Object.entries(ends).map(([name, end]) => [
      `rerun on an owner that is processing runs once more when that ${name}`,
      async (h: ConformanceHarness) => {
        const store = await h.open();
        await put(store, newJob("a", owned));
        await claimJob(store, "a");
        const reply = await enqueueOne(store, rival("rerun"));
        assert.deepEqual(reply, { outcome: "created", statuses: ["deferred"] });
        assert.deepEqual((await read(store, "b")).pendingParents, ["a"]);
        const third = keyed("c", "finished", undefined, { onConflict: "rerun" });
        assert.deepEqual(await enqueueOne(store, third), duplicate("b", "deferred"));
        await end(h);
        await relayAll(store);
        assert.deepEqual(await enqueueOne(store, third), duplicate("b", "ready"));
        assert.deepEqual(await claimIds(store), ["b"]);
        assert.deepEqual((await enqueueOne(store, third)).outcome, "created", "and once more");
      },
    ]),
  ),
});
