import { assertEquals } from "@std/assert";
import { FinalWaiters } from "../../../../src/store/memory/final_waiters.ts";
import { memoryStore } from "../../../../src/store/memory/store.ts";

const store = memoryStore();
await store.enqueue([[{
  id: "a",
  type: "t",
  queue: "q",
  priority: 0,
  payload: "1",
  settings: {},
}]]);
const record = (await store.getJobs(["a"]))[0]!;

Deno.test("FinalWaiters tells all who wait for a job, and nobody else", async () => {
  const waiters = new FinalWaiters();
  const waits = [waiters.wait("a"), waiters.wait("a")];
  let other = false;
  const otherWait = waiters.wait("b").then(() => other = true);
  waiters.resolve("a", () => record);
  assertEquals(await Promise.all(waits), [record, record]);
  assertEquals(other, false);
  waiters.close();
  await otherWait;
});

Deno.test("FinalWaiters makes no record when nobody waits", () => {
  let made = 0;
  new FinalWaiters().resolve("a", () => (made++, record));
  assertEquals(made, 0);
});

Deno.test("FinalWaiters gives undefined when the signal aborts, the others wait on", async () => {
  const waiters = new FinalWaiters();
  const controller = new AbortController();
  const gone = waiters.wait("a", controller.signal);
  const stays = waiters.wait("a");
  controller.abort();
  assertEquals(await gone, undefined);
  assertEquals(await waiters.wait("a", AbortSignal.abort()), undefined);
  waiters.resolve("a", () => record);
  assertEquals(await stays, record);
});

Deno.test("FinalWaiters gives undefined to all when it is closed", async () => {
  const waiters = new FinalWaiters();
  const waits = [waiters.wait("a"), waiters.wait("a"), waiters.wait("b")];
  waiters.close();
  assertEquals(await Promise.all(waits), [undefined, undefined, undefined]);
});

Deno.test("FinalWaiters leaves no listener on a signal", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (
    ...args: Parameters<typeof remove>
  ) => (listeners--, remove(...args));
  const waiters = new FinalWaiters();
  const wait = waiters.wait("a", signal);
  assertEquals(listeners, 1);
  waiters.resolve("a", () => record);
  await wait;
  assertEquals(listeners, 0);
});
