import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { ConsumerClosedError, JobSettledError } from "../../../src/run/claim_errors.ts";
import { Consumer } from "../../../src/run/consumer.ts";
import { ShutdownError } from "../../../src/run/errors.ts";
import { claimOne, consumerOf } from "../../support/consuming.ts";
import { failBefore } from "../../support/decorated_store.ts";
import { gate, never, World } from "../../support/world.ts";

for (const autoExtend of [false, true]) {
  Deno.test(`close gives back what is not settled, autoExtend ${autoExtend}`, async () => {
    await using world = new World();
    const consumer = consumerOf(world, { autoExtend });
    const handles = await Promise.all([1, 2, 3].map((n) => world.client.enqueue("t", n)));
    const works = await consumer.claim({ types: ["t"], limit: 3 });
    await works[0]!.complete();
    const settling = works[1]!.complete();
    await consumer.close();
    await settling;
    const records = await Promise.all(handles.map(({ id }) => world.record(id)));
    assertEquals(records.map(({ status }) => status), ["completed", "completed", "ready"]);
    assertEquals([records[2]!.attemptsMade, records[2]!.deliveries], [0, 0]);
    assertInstanceOf(works[2]!.signal.reason, ShutdownError);
    await assertRejects(() => works[2]!.complete(), JobSettledError, "'release'");
  });
}

Deno.test("close ends loops, and is the same promise when called twice", async () => {
  await using world = new World();
  const consumer = consumerOf(world, { autoExtend: true });
  await consumer.claim({ types: ["t"] });
  const closed = consumer.close();
  assertEquals(consumer.close() === closed, true);
  await closed;
  const before = world.store.calls("reap").length + world.store.calls("heartbeat").length;
  await world.clock.advance(120_000);
  assertEquals(world.store.calls("reap").length + world.store.calls("heartbeat").length, before);
});

Deno.test("close ends claims that wait", async () => {
  await using world = new World();
  const consumer = consumerOf(world);
  const claim = consumer.claim({ types: ["t"], waitMs: Infinity });
  const rejected = assertRejects(() => claim, ConsumerClosedError, "Cannot claim jobs");
  await world.flush();
  await consumer.close();
  await rejected;
});

Deno.test("close waits for a claim under way, and gives back what it brings", async () => {
  await using world = new World();
  const consumer = consumerOf(world);
  const { opened, open } = gate();
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    await opened;
    return reply;
  });
  const { id } = await world.client.enqueue("t");
  const claim = assertRejects(() => consumer.claim({ types: ["t"] }), ConsumerClosedError);
  await world.flush();
  const closed = consumer.close();
  open();
  await closed;
  await claim;
  assertEquals((await world.record(id)).status, "ready");
});

for (const how of ["fails", "hangs"] as const) {
  Deno.test(`close ends when the store ${how}`, async () => {
    await using world = new World();
    const consumer = consumerOf(world);
    await world.client.enqueue("t");
    await claimOne(consumer);
    world.store.on("settle", how === "fails" ? failBefore(() => true) : never);
    await world.drive(consumer.close());
    const said = how === "fails"
      ? "Job could not be given back"
      : "Store does not answer, leases are left to lapse";
    assertEquals(world.logger.saying(said).length, 1);
  });
}

Deno.test("close of a consumer that never claimed does nothing", async () => {
  await using world = new World();
  await consumerOf(world).close();
});

Deno.test("a consumer closes a store that it opened from a URL", async () => {
  const store = "memory:consumer-close-test";
  await using client = new Client({ store });
  const handle = await client.enqueue("t", 1);
  {
    await using consumer = new Consumer({ store, logLevel: "silent" });
    const work = await claimOne(consumer);
    await work.complete(work.job.payload);
  }
  assertEquals(await handle.result(), 1);
});
