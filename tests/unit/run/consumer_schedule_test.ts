import { assertEquals } from "@std/assert";
import { consumerOf } from "../../support/consuming.ts";
import { World } from "../../support/world.ts";

for (const [upkeep, fired] of [[true, 1], [false, 0]] as const) {
  Deno.test(`a consumer fires ${fired} of the slots that are due when upkeep is ${upkeep}`, async () => {
    await using world = new World();
    await using consumer = consumerOf(world, { upkeep });
    assertEquals(await consumer.claim({ types: ["t"] }), []);
    await world.client.schedules.upsert("s", { type: "t", everyMs: 60_000, catchUp: "latest" });
    await world.clock.advance(60_000);
    await world.flush();
    assertEquals((await consumer.claim({ types: ["t"] })).length, fired);
  });
}
