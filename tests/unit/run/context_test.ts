import { assert, assertEquals } from "@std/assert";
import type { JobContext } from "../../../src/run/context.ts";
import { World } from "../../support/world.ts";

/** Ways in which handlers hand their context on. */
const ways: Readonly<Record<string, (context: JobContext) => JobContext>> = {
  "as it is": (context) => context,
  "as a copy": (context) => ({ ...context }),
  "taken apart": ({ job, ...rest }) => ({ job, ...rest }),
  "as the prototype of another": (context) => Object.create(context),
  "behind a proxy": (context) => new Proxy(context, {}),
};

for (const [name, way] of Object.entries(ways)) {
  Deno.test(`a context that is handed on ${name} does what it did`, async () => {
    await using world = new World();
    const child = Promise.withResolvers<string>();
    const work = async (
      { job, signal, fence, progress, log, enqueueChild, enqueueGraph }: JobContext,
    ): Promise<void> => {
      assertEquals([job.payload, typeof fence, signal.aborted], [{ n: 1 }, "number", false]);
      await progress(0.5);
      await log("line");
      child.resolve((await enqueueChild("c")).id);
      await enqueueGraph({ a: { type: "c" } });
      const { parents } = job;
      assertEquals(await parents(), []);
    };
    await world.server({ maxRetry: 0 }).handle("t", (context) => work(way(context))).start();
    const { id } = await world.client.enqueue("t", { n: 1 });
    await world.until(async () => (await world.record(id)).finishedAt !== null, "the end");
    const { status, error, progress, logs } = await world.record(id);
    assertEquals([status, error], ["completed", null]);
    assertEquals([progress?.value, logs.map(({ text }) => text)], [0.5, ["line"]]);
    assertEquals((await world.record(await child.promise)).settings.dependsOn?.[0]?.id, id);
  });
}

Deno.test("a copy of a context has the signal that the context has", async () => {
  await using world = new World();
  await world.server().handle("t", (context) => {
    const { job: _job, ...rest } = context;
    assert(rest.signal === context.signal && { ...context }.signal === context.signal);
  }).start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  assertEquals((await world.record(id)).status, "completed");
});
