import { assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { DuplicateJobError } from "../../../src/enqueue/errors.ts";
import { World } from "../../support/world.ts";

Deno.test("enqueue throws DuplicateJobError with the job that has the id", async () => {
  await using world = new World();
  await world.client.enqueue("t", 1, { id: "a", delayMs: 5 });
  const error = await assertRejects(() => world.client.enqueue("u", 2, { id: "a" }));
  assertInstanceOf(error, DuplicateJobError);
  assertEquals([error.name, error.code], ["DuplicateJobError", "DUPLICATE_JOB"]);
  assertEquals([error.existing.id, error.existing.status], ["a", "scheduled"]);
  assertMatch(error.message, /^Cannot enqueue job as .*'a' is scheduled/);
  assertEquals((await error.existing.job())?.payload, 1, "the first job is as it was");
});

for (const options of [{}, { unique: true }, { onConflict: "reject" as const }]) {
  const shown = JSON.stringify(options);
  Deno.test(`enqueue lets one win when 50 calls race for an id with ${shown}`, async () => {
    await using world = new World();
    const other = new Client({ store: world.store });
    const calls = Array.from({ length: 50 }, (_, i) => {
      const client = i % 2 === 0 ? world.client : other;
      return client.enqueue("t", i, { ...options, id: "race" });
    });
    const ends = await Promise.allSettled(calls);
    const won = ends.filter(({ status }) => status === "fulfilled");
    assertEquals(won.length, 1);
    for (const end of ends) {
      if (end.status === "rejected") assertInstanceOf(end.reason, DuplicateJobError);
    }
    assertEquals((await world.store.counts()).map(({ count }) => count), [1]);
  });
}

Deno.test("enqueue gives every caller the same job when onConflict is existing", async () => {
  await using world = new World();
  const handles = await Promise.all(
    Array.from(
      { length: 20 },
      (_, i) => world.client.enqueue("t", i, { id: "race", onConflict: "existing" }),
    ),
  );
  assertEquals(new Set(handles.map(({ id }) => id)), new Set(["race"]));
  assertEquals((await handles[19]!.job())?.payload, 0, "the first one was written");
});

Deno.test("enqueue with onConflict existing gives the status of the job that has the id", async () => {
  await using world = new World();
  const server = world.server().handle("t", () => "first");
  await server.start();
  const first = await world.client.enqueue("t", 1, { id: "a" });
  await first.result();
  const again = await world.client.enqueue("t", 2, { id: "a", onConflict: "existing" });
  assertEquals(again.status, "completed", "a final job that is retained counts");
  assertEquals(await again.result(), "first");
});

Deno.test("enqueue takes an id again when retention has removed the job that had it", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const server = world.server().handle("t", ({ job }) => void seen.push(job.payload));
  await server.start();
  const options = { id: "a", unique: true, retention: { completedMs: 0 } };
  for (const payload of [1, 2]) {
    await world.client.enqueue("t", payload, options);
    await server.drain(); // its result may be gone before anybody can ask for it
    assertEquals(await world.client.getJob("a"), null);
  }
  assertEquals(seen, [1, 2]);
});

Deno.test("enqueue writes the others when one call of the same tick is a duplicate", async () => {
  await using world = new World();
  await world.client.enqueue("t", 0, { id: "taken" });
  const ends = await Promise.allSettled([
    world.client.enqueue("t", 1, { id: "b" }),
    world.client.enqueue("t", 2, { id: "taken" }),
    world.client.enqueue("t", 3, { id: "c" }),
  ]);
  assertEquals(ends.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
});
