import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { GqmError, InvalidOptionError } from "../../../src/errors.ts";
import { StoreClosedError, StoreUrlError } from "../../../src/store/errors.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { storeFromUrl, StoreUse } from "../../../src/store/open.ts";
import type { Store } from "../../../src/store/store.ts";

const job = { id: "a", type: "t", queue: "q", priority: 0, payload: "1", settings: {} };

const urls: readonly unknown[] = [
  "",
  "memory",
  "gqm.db",
  "./gqm.db",
  "/var/lib/gqm.db",
  "file:./gqm.db",
  "redis:",
  "redis://",
  "redis://localhost/x",
  "redis://localhost:99999",
  "redis://localhost?db=3",
  "rediss://localhost?family=6",
  "unix:",
  "unix:relative.sock",
  "postgres://localhost/gqm",
  "mysql://localhost/gqm",
  "http://localhost",
  "sqlite",
  "sqlite:",
  "sqlite::memory:",
  ":memory:",
  " memory:",
  5,
  true,
];

for (const url of urls) {
  Deno.test(`storeFromUrl refuses ${JSON.stringify(url)}`, () => {
    const error = assertThrows(() => storeFromUrl(url as string));
    assertInstanceOf(error, StoreUrlError);
    assertEquals([error.name, error.code], ["StoreUrlError", "STORE_URL"]);
    assertMatch(error.message, /^Cannot open store as .+ must .+: current value is '/);
  });
}

Deno.test("storeFromUrl shows no password", () => {
  const error = assertThrows(() => storeFromUrl("redis://ada:secret@host:6379/x"), StoreUrlError);
  assertEquals(error.message.includes("secret"), false, error.message);
  assertMatch(error.message, /redis:\/\/ada:\*\*\*@host:6379/);
});

Deno.test("storeFromUrl makes a store of its own each time", async () => {
  await using one = storeFromUrl("memory:same");
  await using two = storeFromUrl("memory:same");
  await one.open();
  await two.open();
  await one.enqueue([[job]]);
  assertEquals(await two.getJobs(["a"]), [null]);
});

Deno.test("storeFromUrl refuses a retention out of range", () => {
  for (const retention of [{ completedMs: -2 }, { failedMs: 0.5 }, { maxCount: -1 }]) {
    assertThrows(() => storeFromUrl("memory:", { retention }), InvalidOptionError, "retention.");
  }
});

for (const given of [null, 5, true, () => {}, Symbol("s")]) {
  Deno.test(`StoreUse refuses ${String(given)} for a store`, () => {
    assertThrows(() => new StoreUse(given as unknown as string), GqmError, "Cannot open store as");
  });
}

Deno.test("StoreUse shares a memory store among those with the same URL, until the last closes", async () => {
  const url = "memory:shared-by-three";
  const [one, two] = [new StoreUse(url), new StoreUse(url)];
  await (await one.get()).enqueue([[job]]);
  assertEquals((await (await two.get()).getJobs(["a"]))[0]?.id, "a");
  await one.close();
  await one.close();
  const three = new StoreUse(url);
  assertEquals((await (await three.get()).getJobs(["a"]))[0]?.id, "a", "one close, counted once");
  const store = await two.get();
  await two.close();
  await three.close();
  await assertRejects(() => store.getJobs(["a"]), StoreClosedError);
  const anew = new StoreUse(url);
  assertEquals(await (await anew.get()).getJobs(["a"]), [null], "a fresh store");
  await anew.close();
});

Deno.test("StoreUse keeps memory stores of different URLs apart", async () => {
  const [one, two] = [new StoreUse("memory:apart-1"), new StoreUse("memory:apart-2")];
  await (await one.get()).enqueue([[job]]);
  assertEquals(await (await two.get()).getJobs(["a"]), [null]);
  await Promise.all([one.close(), two.close()]);
});

Deno.test("StoreUse opens a store at the first call only, and again after a failure", async () => {
  const store = memoryStore();
  const open = store.open.bind(store);
  let calls = 0;
  store.open = () => ++calls === 1 ? Promise.reject(new Error("not yet")) : open();
  const use = new StoreUse(store);
  const firsts = await Promise.allSettled([use.get(), use.get()]);
  assertEquals([calls, firsts.map(({ status }) => status)], [1, ["rejected", "rejected"]]);
  assertEquals(await use.get() === store, true);
  await use.get();
  assertEquals(calls, 2);
  await store.close();
});

Deno.test("StoreUse leaves a store open that it was given, closes one that it made", async () => {
  const given = memoryStore();
  const use = new StoreUse(given);
  await use.get();
  await use.close();
  await given.getJobs(["a"]);

  const own = new StoreUse("memory:");
  const store: Store = await own.get();
  await own.close();
  await assertRejects(() => store.getJobs(["a"]), StoreClosedError);
});

Deno.test("StoreUse takes GQM_STORE when no store is given, else a file here", () => {
  const before = Deno.env.get("GQM_STORE");
  try {
    Deno.env.set("GQM_STORE", "nonsense");
    assertThrows(() => new StoreUse(undefined), StoreUrlError, "'nonsense'");
    Deno.env.set("GQM_STORE", "memory:from-the-environment");
    assertEquals(new StoreUse(undefined).description, "memory:");
    // An empty variable is a way of not setting it.
    Deno.env.set("GQM_STORE", "");
    assertMatch(new StoreUse(undefined).description, /^sqlite:.*gqm\.db$/);
    Deno.env.delete("GQM_STORE");
    assertMatch(new StoreUse(undefined).description, /^sqlite:.*gqm\.db$/);
  } finally {
    if (before === undefined) Deno.env.delete("GQM_STORE");
    else Deno.env.set("GQM_STORE", before);
  }
});

Deno.test("two clients with the same memory URL see each other's jobs", async () => {
  await using one = new Client({ store: "memory:two-clients" });
  await using two = new Client({ store: "memory:two-clients" });
  await one.enqueue("t", 5, { id: "a" });
  assertEquals((await two.getJob("a"))?.payload, 5);
});
