import { assertEquals, assertRejects } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { ClientClosedError } from "../../../src/enqueue/errors.ts";
import { withNumberLater } from "../../support/schema.ts";
import { failAfter, failBefore, StoreDownError } from "../../support/decorated_store.ts";
import { gate, World } from "../../support/world.ts";

/** How many groups each call of the store got. */
function groups(world: World): number[] {
  return world.store.calls("enqueue").map(([list]) => list.length);
}

Deno.test("enqueue makes one call of the store when many jobs come in one tick", async () => {
  await using world = new World();
  const handles = await Promise.all(
    Array.from({ length: 100 }, (_, i) => world.client.enqueue("t", i)),
  );
  assertEquals(groups(world), [100]);
  const records = await world.store.getJobs(handles.map(({ id }) => id));
  assertEquals(
    records.map((record) => record?.payload),
    Array.from({ length: 100 }, (_, i) => `${i}`),
    "each caller got the handle of its own job",
  );
});

Deno.test("enqueue sends what comes while a call is under way in the next one", async () => {
  await using world = new World();
  const { opened, open } = gate();
  world.store.on("enqueue", async ({ n, run }) => {
    if (n === 1) await opened;
    return await run();
  });
  const first = world.client.enqueue("t", 1);
  await world.until(() => groups(world).length === 1, "the first call");
  const others = [2, 3, 4].map((n) => world.client.enqueue("t", n));
  await world.flush();
  assertEquals(groups(world), [1], "one call at a time");
  open();
  await Promise.all([first, ...others]);
  assertEquals(groups(world), [1, 3]);
});

Deno.test("enqueue sends at most 1000 jobs in one call", async () => {
  await using world = new World();
  await Promise.all(Array.from({ length: 2500 }, (_, i) => world.client.enqueue("t", i)));
  assertEquals(groups(world), [1000, 1000, 500]);
});

Deno.test("enqueue and enqueueMany go together, a batch whole in one call", async () => {
  await using world = new World();
  const batch = Array.from({ length: 600 }, () => ({ type: "t" }));
  await Promise.all([
    world.client.enqueueMany(batch),
    world.client.enqueueMany(batch),
    world.client.enqueue("t"),
  ]);
  for (const [list] of world.store.calls("enqueue")) {
    const jobs = list.reduce((sum, group) => sum + group.length, 0);
    assertEquals(jobs <= 1000, true, `${jobs} jobs in one call`);
  }
  assertEquals((await world.store.counts()).map(({ count }) => count), [1201]);
});

Deno.test("enqueue rejects those of a batch that failed, and no other", async () => {
  await using world = new World();
  const error = new StoreDownError("refused");
  world.store.on("enqueue", async ({ run }) => {
    const replies = await run();
    return replies.map((reply, i) => i === 1 ? { outcome: "failed", error } as const : reply);
  });
  const [first, second, third] = await Promise.allSettled(
    [1, 2, 3].map((payload) => world.client.enqueue("t", payload)),
  );
  assertEquals([first!.status, second!.status, third!.status], [
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  assertEquals((second as PromiseRejectedResult).reason, error);
});

Deno.test("enqueue rejects each caller of a batch that fails, and works the next time", async () => {
  await using world = new World();
  world.store.on("enqueue", failBefore((n) => n === 1));
  const ends = await Promise.allSettled([1, 2, 3].map((n) => world.client.enqueue("t", n)));
  for (const end of ends) {
    assertEquals(end.status === "rejected" && end.reason instanceof StoreDownError, true);
  }
  assertEquals(await world.store.counts(), [], "nothing was written");
  await world.client.enqueue("t", 4);
  assertEquals((await world.store.counts()).map(({ count }) => count), [1]);
});

Deno.test("enqueue with an id can be repeated when the reply was lost", async () => {
  await using world = new World();
  world.store.on("enqueue", failAfter((n) => n === 1));
  await assertRejects(() => world.client.enqueue("t", 1, { id: "a" }), StoreDownError);
  const again = await world.client.enqueue("t", 1, { id: "a", onConflict: "existing" });
  assertEquals(again.status, "ready");
  assertEquals((await world.store.counts()).map(({ count }) => count), [1], "once");
});

Deno.test("enqueue tries again to open a store that could not be opened", async () => {
  await using world = new World();
  const open = world.store.open.bind(world.store);
  let calls = 0;
  world.store.open = () => ++calls === 1 ? Promise.reject(new StoreDownError("shut")) : open();
  await assertRejects(() => world.client.enqueue("t"), StoreDownError, "shut");
  await world.client.enqueue("t");
});

Deno.test("close waits for the calls under way", async () => {
  await using world = new World();
  const { opened, open } = gate();
  world.store.on("enqueue", async ({ run }) => {
    await opened;
    return await run();
  });
  const call = world.client.enqueue("t");
  let closed = false;
  const closing = world.client.close().then(() => closed = true);
  await world.flush();
  assertEquals(closed, false);
  open();
  await closing;
  await call;
  assertEquals((await world.store.counts()).map(({ count }) => count), [1]);
});

Deno.test("close waits for a call whose schema still decides", async () => {
  await using world = new World();
  const jobs = { "t": { payload: withNumberLater } };
  const client = new Client({ store: world.store, jobs });
  let ended = "";
  const call = client.enqueue("t", { n: 1 }).then(() => ended = "stored", () => ended = "refused");
  await client.close();
  const atClose = [ended, (await world.store.counts()).length];
  await call;
  await world.flush();
  const later = (await world.store.counts()).length;
  assertEquals(later === 1 && atClose[1] === 0, false, "it was written after close had resolved");
});

Deno.test("close resolves when the calls under way fail", async () => {
  await using world = new World();
  world.store.on("enqueue", failBefore(() => true));
  const call = assertRejects(() => world.client.enqueue("t"), StoreDownError);
  await world.client.close();
  await call;
});

Deno.test("close can be called twice, and await using calls it", async () => {
  await using world = new World();
  {
    await using client = new Client({ store: world.store });
    await client.close();
    await client.close();
  }
  await world.client.enqueue("t");
});

const afterClose: readonly [string, (client: Client) => Promise<unknown>][] = [
  ["enqueue", (client) => client.enqueue("t")],
  ["enqueueMany", (client) => client.enqueueMany([{ type: "t" }])],
  ["enqueueMany without items", (client) => client.enqueueMany([])],
];

for (const [what, call] of afterClose) {
  Deno.test(`${what} throws ClientClosedError when the client has been closed`, async () => {
    await using world = new World();
    await world.client.close();
    const error = await assertRejects(() => call(world.client), Error);
    assertEquals(
      [error.name, (error as unknown as { code: string }).code],
      ["ClientClosedError", "CLIENT_CLOSED"],
    );
    assertEquals(world.store.calls("enqueue").length, 0);
  });
}

Deno.test("getJob throws when the client has been closed", async () => {
  const client = new Client({ store: "memory:closed-client" });
  await client.enqueue("t", 1, { id: "a" });
  await client.close();
  await assertRejects(() => client.getJob("a"), ClientClosedError, "Cannot read job");
});
