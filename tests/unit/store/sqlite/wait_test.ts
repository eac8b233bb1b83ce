import { assert, assertEquals } from "@std/assert";
import type { Store } from "../../../../src/store/store.ts";
import { claimRequest, completed, newJob, openStore, tempFolder } from "./support/fixtures.ts";

const POLL_MS = 5;

/** Two handles on one file, as two processes have them. */
async function twoStores(): Promise<AsyncDisposable & { here: Store; there: Store }> {
  const folder = await tempFolder();
  const [here, there] = await Promise.all([
    openStore(folder.file("jobs.db"), { pollMs: POLL_MS, synchronous: "normal" }),
    openStore(folder.file("jobs.db"), { pollMs: POLL_MS, synchronous: "normal" }),
  ]);
  return {
    here,
    there,
    async [Symbol.asyncDispose]() {
      await here.close();
      await there.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Whether a promise resolves within some milliseconds. */
async function resolvesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), ms));
  const resolved = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return resolved;
}

const source = { queue: null, types: ["work"], share: 10 };

Deno.test("awaitFinal() finds those of thousands that another process has ended", async () => {
  await using stores = await twoStores();
  const { here, there } = stores;
  const waiting = Array.from({ length: 1500 }, (_, i) => newJob(`waits-${i}`, { delayMs: 9e9 }));
  const ending = Array.from({ length: 300 }, (_, i) => newJob(`ends-${i}`));
  await here.enqueue([waiting.slice(0, 750), waiting.slice(750), ending]);
  const end = new AbortController();
  const pending = waiting.map(({ id }) => here.awaitFinal(id, end.signal));
  const results = ending.map(({ id }) => here.awaitFinal(id));
  const { jobs } = await there.claim(claimRequest({ limit: 300 }));
  await there.settle({ outcomes: jobs.toReversed().map(completed) });
  const records = await Promise.all(results);
  assertEquals(records.map((record) => record?.id), ending.map(({ id }) => id));
  assert(records.every((record) => record?.status === "completed"));
  end.abort();
  assertEquals(new Set(await Promise.all(pending)), new Set([undefined]));
});

Deno.test("awaitFinal() returns null when another process's retention took the job", async () => {
  await using stores = await twoStores();
  const { here, there } = stores;
  await here.enqueue([[newJob("a", { settings: { retention: { completedMs: 0 } } })]]);
  const result = here.awaitFinal("a");
  const { jobs } = await there.claim(claimRequest());
  await there.settle({ outcomes: jobs.map(completed) });
  assertEquals(await result, null);
});

Deno.test("subscribe() wakes for another process's job of its types, not for others", async () => {
  await using stores = await twoStores();
  const { here, there } = stores;
  using wake = here.subscribe([source]);
  const end = new AbortController();
  const woken = wake.next(end.signal);
  await there.enqueue([[newJob("a", { type: "other" })]]);
  assert(!await resolvesWithin(20 * POLL_MS, woken), "woken by a job of another type");
  await there.enqueue([[newJob("c")]]);
  assert(await resolvesWithin(2000, woken), "not woken");
});

Deno.test("subscribe() wakes when another process's delayed job becomes the next one due", async () => {
  await using stores = await twoStores();
  const { here, there } = stores;
  using wake = here.subscribe([source]);
  for (const delayMs of [9e9, 150]) {
    const woken = wake.next(new AbortController().signal);
    await there.enqueue([[newJob(`in-${delayMs}`, { delayMs })]]);
    assert(await resolvesWithin(2000, woken), `not woken by a job due in ${delayMs} ms`);
  }
  const { jobs, nextDueInMs } = await here.claim(claimRequest());
  assertEquals(jobs, []);
  assert(nextDueInMs !== null && nextDueInMs <= 150, `the next one is due in ${nextDueInMs} ms`);
});

Deno.test("subscribe() remembers what another process did before next() was called", async () => {
  await using stores = await twoStores();
  const { here, there } = stores;
  using wake = here.subscribe([source]);
  assertEquals((await here.claim(claimRequest())).jobs, []);
  await there.enqueue([[newJob("a")]]);
  assert(await resolvesWithin(2000, wake.next(new AbortController().signal)), "not woken");
});
