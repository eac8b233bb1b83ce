import { assertEquals } from "@std/assert";
import { gate, World } from "../../support/world.ts";

Deno.test("a job that ended while the store was away for longer than a lease is settled, not run again", async () => {
  await using world = new World();
  const { opened, open } = gate();
  let runs = 0;
  const ends: unknown[] = [];
  const server = world.server({ leaseMs: 900 });
  server.handle("t", async () => {
    runs++;
    await opened;
    return "done";
  }, { onComplete: ({ status }) => void ends.push(status) });
  await server.start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  const away = (): Promise<never> => Promise.reject(new Error("away"));
  for (const verb of ["heartbeat", "settle", "claim", "reap"] as const) world.store.on(verb, away);
  open();
  await world.flush();
  await world.clock.advance(3000);
  for (const verb of ["heartbeat", "settle", "claim", "reap"] as const) {
    world.store.on(verb, undefined);
  }
  assertEquals(await world.drive(handle.result()), "done");
  await world.flush();
  const record = await world.record(handle.id);
  assertEquals([runs, record.attempts.length, ends], [1, 1, ["completed"]]);
});
