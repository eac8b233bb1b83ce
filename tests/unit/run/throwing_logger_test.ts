import { assertEquals } from "@std/assert";
import { World } from "../../support/world.ts";

function broken(): never {
  throw new Error("broken logger");
}

const logs: readonly [string, (world: World) => void][] = [
  ["debug", ({ logger }) => logger.debug = broken],
  ["info", ({ logger }) => logger.info = broken],
  ["warn", ({ logger }) => logger.warn = broken],
  ["error", ({ logger }) => logger.error = broken],
];

for (const [level, breakIt] of logs) {
  Deno.test(`a pool goes on when the logger's ${level} throws`, async () => {
    await using world = new World();
    const called: string[] = [];
    const server = world.server({ maxRetry: 1, backoff: { type: "fixed", baseMs: 0 } });
    server.handle("t", ({ job }) => {
      if (job.payload === "bad") throw new Error("x");
      return job.payload;
    }, { concurrency: 1, onComplete: ({ job }) => called.push(`${job.payload} ${job.attempt}`) });
    await server.start();
    breakIt(world);
    await world.client.enqueue("t", "bad");
    const good = await world.client.enqueue("t", "good");
    assertEquals(await world.drive(good.result()), "good");
    await world.drive(server.stop());
    assertEquals(called.toSorted(), ["bad 1", "bad 2", "good 1"], "each callback once");
  });
}
