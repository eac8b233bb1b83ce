import { assertEquals, assertRejects } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { ClientClosedError, DuplicateJobError } from "../../../src/enqueue/errors.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { StoreUrlError } from "../../../src/store/errors.ts";
import { Server } from "../../../src/run/server.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { storeFromUrl } from "../../../src/store/open.ts";
import { sqliteStore } from "../../../src/store/sqlite/store.ts";

Deno.test("close rejects awaited results when the store was given as an object", async () => {
  await using store = memoryStore();
  const client = new Client({ store });
  const handle = await client.enqueue("t");
  const pending = [handle.result(), handle.result({ signal: new AbortController().signal })];
  const rejected = pending.map((result) => assertRejects(() => result, ClientClosedError));
  await client.close();
  await Promise.all(rejected);
  await assertRejects(() => handle.result(), ClientClosedError, "Cannot wait for result");
});

Deno.test("result refuses an option that it does not know", async () => {
  await using store = memoryStore();
  await using client = new Client({ store });
  const handle = await client.enqueue("t");
  const options = { timeoutMs: 5 } as object;
  await assertRejects(() => handle.result(options), InvalidOptionError, "'timeoutMs'");
});

Deno.test("enqueueMany says which item has an id in use, and what to do", async () => {
  await using store = memoryStore();
  await using client = new Client({ store });
  await client.enqueue("t", 1, { id: "b" });
  const items = [{ type: "t", options: { id: "a" } }, { type: "t", options: { id: "b" } }];
  const error = await assertRejects(() => client.enqueueMany(items), DuplicateJobError);
  assertEquals(error.message.startsWith("Item 1: "), true, error.message);
  assertEquals(error.message.includes("onConflict"), false, error.message);
});

for (
  const [url, advice] of [
    ["sqlite://jobs.db", "write 'sqlite:jobs.db'"],
    ["./jobs.db", "did you mean 'sqlite:./jobs.db'?"],
    ["memory", "did you mean 'memory:'?"],
  ] as const
) {
  Deno.test(`storeFromUrl refuses '${url}' and says what to write`, () => {
    try {
      storeFromUrl(url);
    } catch (error) {
      assertEquals(error instanceof StoreUrlError, true, String(error));
      assertEquals((error as Error).message.includes(advice), true, (error as Error).message);
      return;
    }
    throw new Error("Expected storeFromUrl to throw");
  });
}

Deno.test("sqliteStore refuses a URL where it takes a path", async () => {
  await assertRejects(
    async () => await sqliteStore("sqlite:./x.db").open(),
    InvalidOptionError,
    "be a path: leave out what stands before it",
  );
});

Deno.test("Client refuses a store that is none", () => {
  try {
    new Client({ store: {} as never });
  } catch (error) {
    assertEquals(error instanceof InvalidOptionError, true, String(error));
    return;
  }
  throw new Error("Expected the client to throw");
});

Deno.test("close waits for a batch whose schemas work asynchronously", async () => {
  const later = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown) => Promise.resolve({ value }),
    },
  };
  await using store = memoryStore();
  const client = new Client({ store, jobs: { t: { payload: later } } });
  const call = client.enqueueMany([{ type: "t", payload: 1 }, { type: "t", payload: 2 }]);
  await client.close();
  assertEquals((await store.counts()).map(({ count }) => count), [2], "written before close ended");
  assertEquals((await call).length, 2);
});

Deno.test("Client and Server refuse a retention that a shared store would ignore", () => {
  const url = "memory:retention-test";
  using stack = new DisposableStack();
  const client = new Client({ store: url });
  stack.defer(() => void client.close());
  try {
    new Server({ store: url, retention: { completedMs: 0 } });
  } catch (error) {
    assertEquals(error instanceof InvalidOptionError, true, String(error));
    return;
  }
  throw new Error("Expected the server to throw");
});
