/** Jobs in every situation that there is. */

import { change, define } from "../../../src/testing/conformance/schedule_builders.ts";
import type { Patient } from "./doctor.ts";
import { child, claim, job, LARGE, put, settle, start } from "./doctor.ts";

const error = { message: "no" };

/** Fills a store: every status, graphs in the middle of being told, pauses, tombstones, large texts, keys. */
export async function fill({ store, clock }: Patient): Promise<void> {
  const settingsOf = (settings: object): object => ({ settings });
  // Final ones.
  await put(store, ...Array.from({ length: 30 }, (_, i) => job(`done${i}`)));
  await settle(store, await claim(store));
  await put(store, job("own", settingsOf({ retention: { completedMs: 1e6, failedMs: 1e6 } })));
  await put(store, job("large", { payload: LARGE }));
  await settle(store, await claim(store), { kind: "complete", result: LARGE });
  await put(store, job("dead"), job("dead-own", settingsOf({ retention: { failedMs: 1e6 } })));
  await settle(store, await claim(store), { kind: "dead_letter", error });
  await put(store, job("canceled"), job("late", settingsOf({ expireAt: clock.now() + 5 })));
  await store.act(["canceled"], { kind: "cancel", reason: "half \ud800 a pair" });
  await clock.advance(10);
  await store.expire(10);
  // Running ones.
  const running = await start(store, job("running"));
  await store.report([{
    id: "running",
    fence: running.holder.fence,
    progress: { value: 0.5 },
    logs: ["line"],
  }]);
  await settle(store, [await start(store, job("retry"))], {
    kind: "retry",
    delayMs: 1e9,
    counted: true,
    error,
  });
  await settle(store, [await start(store, job("released"))], { kind: "release" });
  await start(store, job("lost"));
  await clock.advance(2000);
  await store.reap({ limit: 10, maxDeliveries: 5 });
  await start(store, job("running2", settingsOf({ expireAt: clock.now() + 5000 })));
  // Graphs: one is told in the middle, one waits, one was canceled.
  await put(
    store,
    job("fan"),
    ...Array.from({ length: 1200 }, (_, i) => child(`fan${i}`, ["fan"])),
  );
  await settle(store, await claim(store, { sources: [{ queue: "q", types: ["t"], share: 1 }] }));
  await put(
    store,
    job("root"),
    child("leaf", ["root"]),
    child("leaf2", ["root", "leaf"], "cancel"),
  );
  await put(store, job("root-x"), child("fell", ["root-x"], "cancel"), child("stays", ["root-x"]));
  await store.act(["root-x"], { kind: "cancel", reason: "x" });
  await put(store, child("behind", ["root"]), child("gone-child", ["root"]));
  await store.act(["behind"], { kind: "cancel", reason: "x" });
  await store.act(["gone-child"], { kind: "remove" });
  // Waiting ones.
  await put(store, ...Array.from({ length: 40 }, (_, i) => job(`r${i}`, { priority: i % 3 })));
  await put(
    store,
    job("front", { atFront: true }),
    job("front-soon", { atFront: true, delayMs: 50 }),
  );
  await put(store, job("soon", { delayMs: 50 }), job("later", { runAt: clock.now() + 1e9 }));
  await put(store, job("keyed", settingsOf({ unique: { key: "k", until: "finished" } })));
  await put(store, job("expires", settingsOf({ expireAt: clock.now() + 1e9 })));
  await put(store, job("meta", settingsOf({ meta: '{"a":"\ud800 \\\\ud800"}' })));
  await put(
    store,
    job("big", { payload: LARGE }),
    job("big-later", { payload: LARGE, delayMs: 1e9 }),
  );
  await put(store, job("again"), job("again2", { type: "u" }));
  await clock.advance(60);
  await store.promote(100);
  await store.act(["r3", "r4", "again"], { kind: "remove" });
  await put(store, job("again"));
  await store.act(["r5", "soon", "later", "keyed"], { kind: "prioritize", priority: 7 });
  await store.act(["r6", "big-later"], { kind: "edit", payload: LARGE });
  await store.act(["dead", "canceled"], { kind: "retry", revive: true });
  await store.pause({ queue: "q", type: "u" }, true);
  const notes = [{ slotAt: 1, outcome: "error" }] as const;
  await change(store, define("s", { notes, slotAt: 5, dueAt: 5 }));
  await change(store, define("s.1", { notes, custom: true, dueAt: 5 }));
}
