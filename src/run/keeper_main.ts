/**
 * What a lease keeper's thread runs: it opens the store for itself and extends
 * the leases that it is told of, whatever the main thread does.
 *
 * @module
 */

import { sleep, systemClock } from "../clock.ts";
import { threadPort } from "../runtime/threads.ts";
import { reopenStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import type { FromKeeper, KeeperData, ToKeeper } from "./keeper_messages.ts";

/** Most beats without an answer, as when the store hangs. */
const MAX_UNANSWERED = 10;

const port = await threadPort();
const { recipe, server, leaseMs, beaten } = port.data as KeeperData;
const post = (message: FromKeeper): void => port.post(message);
const sentAt = new BigInt64Array(beaten);
const held = new Map<string, number>();
const closing = new AbortController();
const store = reopenStore(recipe);
let unanswered = 0;

port.listen((message) => take(message as ToKeeper));
try {
  await store.open();
  post({ kind: "open" });
  await keep(store);
} catch (error) {
  post({ kind: "failed", message: messageOf(error) });
} finally {
  await store.close();
  post({ kind: "closed" });
}

function take(message: ToKeeper): void {
  switch (message.kind) {
    case "add":
      for (const { id, fence } of message.holds) held.set(id, fence);
      return;
    case "remove":
      for (const { id, fence } of message.holds) if (held.get(id) === fence) held.delete(id);
      return;
    case "clock":
      return post({ kind: "clock", mono: systemClock.mono() });
    case "close":
      return closing.abort();
  }
}

async function keep(store: Store): Promise<void> {
  const { signal } = closing;
  while (!signal.aborted) {
    // One that hangs is left alone, and another sent: the connection may be dead.
    const heard = unanswered < MAX_UNANSWERED ? beat(store) : Promise.resolve(false);
    const answered = await Promise.race([heard, sleep(systemClock, leaseMs / 3, signal)]);
    await sleep(
      systemClock,
      answered === false ? Math.min(1000, leaseMs / 10) : leaseMs / 3,
      signal,
    );
  }
}

/** One heartbeat; false if it failed. What it learns is left to the main thread, which beats too. */
async function beat(store: Store): Promise<boolean> {
  const mono = systemClock.mono();
  const holds = [...held].map(([id, fence]) => ({ id, fence }));
  unanswered++;
  try {
    await store.heartbeat({ server, leaseMs, holds });
    Atomics.store(sentAt, 0, BigInt(Math.floor(mono * 1000)));
    return true;
  } catch (error) {
    if (!closing.signal.aborted) post({ kind: "failed", message: messageOf(error) });
    return false;
  } finally {
    unanswered--;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
