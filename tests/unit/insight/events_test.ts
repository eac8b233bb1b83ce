import { assertEquals, assertRejects } from "@std/assert";
import { Client, InvalidOptionError, memoryStore, type StoreEvent } from "../../../mod.ts";
import { storeEvents } from "../../../src/insight/events.ts";
import { inShort } from "../../../src/testing/conformance/hearing.ts";

Deno.test("Client.events tells what happens until the loop is left", async () => {
  await using client = new Client({ store: memoryStore() });
  const events = client.events();
  await events.listening;
  await client.enqueue("work", null, { id: "a" });
  await client.control.pause({ queue: "q" });
  const told: StoreEvent[] = [];
  for await (const event of events) if (told.push(event) === 2) break;
  assertEquals(inShort(told), ["a created ready", "paused q/null"]);
  for await (const _event of events) throw new Error("it has ended");
});

Deno.test("Client.events goes on after a cursor", async () => {
  await using client = new Client({ store: memoryStore() });
  const first = client.events();
  await first.listening;
  await client.enqueue("work", null, { id: "a" });
  let after = "";
  for await (const { cursor } of first) {
    after = cursor;
    break;
  }
  await client.enqueue("work", null, { id: "b" });
  for await (const event of client.events({ after })) {
    assertEquals(inShort([event]), ["b created ready"]);
    break;
  }
});

for (const how of ["the signal aborts", "the client is closed"]) {
  Deno.test(`Client.events ends when ${how}`, async () => {
    const client = new Client({ store: memoryStore() });
    const stop = new AbortController();
    const told: string[] = [];
    const events = client.events({ signal: stop.signal });
    await events.listening;
    const loop = (async () => {
      for await (const event of events) told.push(...inShort([event]));
    })();
    await client.enqueue("work", null, { id: "a" });
    if (how === "the signal aborts") stop.abort();
    else await client.close();
    await loop;
    assertEquals(told.length <= 1, true);
    await client.close();
  });
}

Deno.test("storeEvents leaves nothing on the signal of a client when the loop is left", async () => {
  await using store = memoryStore();
  await store.open();
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const [add, remove] = [signal.addEventListener, signal.removeEventListener];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners.add(args[1]);
    add.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners.delete(args[1]);
    remove.apply(signal, args);
  };
  const events = storeEvents(() => Promise.resolve(store), {}, signal);
  await events.listening;
  await store.pause({ queue: "q", type: null }, true);
  for await (const _event of events) break;
  assertEquals(listeners.size, 0);
});

Deno.test("Client.events refuses what is no cursor, and options that there are not", async () => {
  await using client = new Client({ store: memoryStore() });
  await assertRejects(
    async () => {
      for await (const _event of client.events({ after: "x" })) break;
    },
    InvalidOptionError,
    "'after'",
  );
  await assertRejects(async () => await client.events({ before: "1" } as never).listening);
});
