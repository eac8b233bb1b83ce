import { assertEquals } from "@std/assert";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { reopenStore } from "../../../src/store/open.ts";
import { redisStore } from "../../../src/store/redis/store.ts";
import { sqliteStore } from "../../../src/store/sqlite/store.ts";
import type { Store } from "../../../src/store/store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";

const url = "rediss://bob:s3cret@example.com:7000/2?prefix=shop";

const stores: readonly [string, Store][] = [
  ["a file", sqliteStore("/srv/jobs.db", { synchronous: "normal", pollMs: 5 })],
  ["a Redis URL", redisStore(url, { tls: { ca: "PEM" }, patienceMs: 7, onConnection: () => {} })],
];

for (const [what, store] of stores) {
  Deno.test(`a store's recipe makes the same store in another thread when it is ${what}`, async () => {
    await using again = reopenStore(structuredClone(store.recipe!()!));
    assertEquals(again.description, store.description);
    assertEquals(again.recipe!(), store.recipe!());
    await store.close();
  });
}

Deno.test("a store shows nobody the password in its recipe", async () => {
  await using store = redisStore(url);
  const seen = [
    store.description,
    JSON.stringify(store),
    Deno.inspect(store, { showHidden: true }),
  ];
  assertEquals(seen.filter((text) => text.includes("s3cret")), []);
});

Deno.test("a store has no recipe when it is in memory, or has a clock of its own", () => {
  const clock = new FakeClock();
  assertEquals(memoryStore().recipe?.(), undefined);
  assertEquals(sqliteStore("/srv/jobs.db", { clock }).recipe?.(), undefined);
  assertEquals(redisStore(url, { clock }).recipe?.(), undefined);
});
