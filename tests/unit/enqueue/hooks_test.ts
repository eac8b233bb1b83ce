import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { MissingParentError } from "../../../src/enqueue/errors.ts";
import type { EnqueueHooks } from "../../../src/enqueue/hooks.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { World } from "../../support/world.ts";

function hooked(world: World, hooks: EnqueueHooks): Client {
  return new Client({ store: world.store, hooks });
}

Deno.test("beforeEnqueue changes the options when it gives others, of every job", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  await using client = hooked(world, {
    beforeEnqueue: ({ type, payload, options }) => {
      seen.push([type, payload, options.queue]);
      return payload === 0 ? undefined : { ...options, meta: { n: payload } };
    },
  });
  await using background = client.background();
  const handles = [
    await client.enqueue("t", 0),
    await client.enqueue("t", 1, { queue: "q" }),
    ...await client.enqueueMany([{ type: "u", payload: 2 }]),
    (await client.enqueueGraph({ a: { type: "v", payload: 3 } })).a,
  ];
  background.add("w", 4, { id: "four" });
  await background.flush();
  const records = await Promise.all(
    [...handles.map(({ id }) => id), "four"].map((id) => world.record(id)),
  );
  assertEquals(records.map(({ settings, queue }) => [settings.meta?.n, queue]), [
    [undefined, "default"],
    [1, "q"],
    [2, "default"],
    [3, "default"],
    [4, "default"],
  ]);
  assertEquals(seen, [
    ["t", 0, undefined],
    ["t", 1, "q"],
    ["u", 2, undefined],
    ["v", 3, undefined],
    ["w", 4, undefined],
  ]);
});

Deno.test("beforeEnqueue says what becomes of a conflict when it sets onConflict", async () => {
  await using world = new World();
  await using client = hooked(world, {
    beforeEnqueue: ({ options }) => ({ ...options, onConflict: "existing" }),
  });
  await client.enqueue("t", 1, { id: "a" });
  assertEquals((await client.enqueue("t", 2, { id: "a" })).isNew, false);
});

Deno.test("beforeEnqueue refuses the job when it throws or gives what is wrong", async () => {
  await using world = new World();
  const refused = new Error("not on Sundays");
  const hooks: readonly [EnqueueHooks["beforeEnqueue"], RegExp | Error][] = [
    [() => {
      throw refused;
    }, refused],
    [() => ({ priority: 99 }), /'priority' must be/],
    [(() => Promise.resolve({})) as () => object, /'hooks.beforeEnqueue' must answer at once/],
  ];
  for (const [beforeEnqueue, expected] of hooks) {
    await using client = hooked(world, { beforeEnqueue });
    const error = await assertRejects(() => client.enqueue("t"), Error);
    if (expected instanceof Error) assertEquals(error, expected);
    else assertEquals(expected.test(error.message), true, error.message);
  }
  assertEquals((await world.store.list({ status: "ready", limit: 1 })).jobs, []);
});

Deno.test("afterEnqueue is told of jobs that are in the store, and of no others", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  await using client = hooked(world, {
    afterEnqueue: ({ id, isNew }, { type, queue }) => void seen.push([id, isNew, type, queue]),
  });
  await client.enqueue("t", 1, { id: "a" });
  await client.enqueue("t", 1, { id: "a", onConflict: "existing" });
  await client.enqueueMany([{ type: "u", options: { id: "b", queue: "q" } }]);
  await client.enqueueGraph({ c: { type: "v", options: { id: "c" } } });
  await assertRejects(
    () => client.enqueue("t", 1, { dependsOn: ["nobody"] }),
    MissingParentError,
  );
  await assertRejects(() => client.enqueue("t", 1, { id: "a" }));
  assertEquals(seen, [
    ["a", true, "t", "default"],
    ["a", false, "t", "default"],
    ["b", true, "u", "q"],
    ["c", true, "v", "default"],
  ]);
});

Deno.test("hooks of a client are refused when they are unknown or no functions", () => {
  for (const hooks of [{ before: () => {} }, { afterEnqueue: 1 }, null, []]) {
    assertThrows(
      () => new Client({ store: "memory:", hooks: hooks as object }),
      InvalidOptionError,
    );
  }
});
