import { assertEquals, assertThrows } from "@std/assert";
import { sleep } from "../../../src/clock.ts";
import { ServerStateError } from "../../../src/run/errors.ts";
import { SkipRetry } from "../../../src/settle/outcome.ts";
import { gate, World } from "../../support/world.ts";

Deno.test("hooks are called in order around middleware, handler, settle and callbacks", async () => {
  await using world = new World();
  const seen: string[] = [];
  const server = world.server();
  server.use(async (_, next) => {
    seen.push("middleware");
    return await next();
  });
  server.before(() => seen.push("before 1")).before(async () => {
    await undefined;
    seen.push("before 2");
  });
  server.after(async ({ job, fence }, { status, result, attempt }) => {
    const { status: stored } = await world.record(job.id);
    seen.push(`after 1 ${stored} ${status} ${result} ${attempt} ${fence > 0}`);
  });
  server.after(() => seen.push("after 2"));
  server.handle("t", () => {
    seen.push("handler");
    return "done";
  }, { onComplete: () => seen.push("callback") });
  await server.start();
  await world.client.enqueue("t");
  await world.until(() => seen.includes("after 2"), "the last hook");
  assertEquals(seen, [
    ...["before 1", "before 2", "middleware", "handler", "callback"],
    ...["after 1 completed completed done 1 true", "after 2"],
  ]);
});

Deno.test("hooks stop nothing when they throw", async () => {
  await using world = new World();
  const seen: string[] = [];
  const fail = (): never => {
    throw new Error("broken hook");
  };
  const server = world.server().before(fail).before(() => seen.push("before"));
  server.after(fail).after((_, { status }) => seen.push(status));
  server.handle("t", () => "done");
  await server.start();
  const handle = await world.client.enqueue("t");
  assertEquals(await world.drive(handle.result()), "done");
  await world.until(() => seen.length === 2, "both hooks");
  assertEquals(seen, ["before", "completed"]);
  const messages = world.logger.lines.filter(({ level }) => level === "error");
  assertEquals(messages.map(({ message }) => message), ["Hook failed", "Callback failed"]);
});

Deno.test("after tells error, attempt and time when attempts fail", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const server = world.server({ maxRetry: 1, backoff: { type: "fixed", baseMs: 10 } });
  const errors = [new Error("first"), new SkipRetry("last")];
  server.handle("t", async ({ job }) => {
    await sleep(world.clock, 5);
    throw errors[job.attempt - 1];
  });
  server.after((_, { status, error, attempt, ranMs }) =>
    seen.push([status, error, attempt, ranMs])
  );
  await server.start();
  await world.client.enqueue("t");
  for (let i = 0; i < 6; i++) await world.clock.advance(5);
  await world.until(() => seen.length === 2, "two ends");
  assertEquals(seen, [["retry", errors[0], 1, 5], ["dead_letter", errors[1], 2, 5]]);
});

Deno.test("after is called as canceled when the job is canceled while it runs", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const seen: string[] = [];
  const server = world.server().after((_, { status }) => seen.push(status));
  server.handle("t", ({ signal }) => {
    open();
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  });
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.drive(opened);
  await world.client.control.cancel(id);
  await world.until(() => seen.length > 0, "the hook");
  assertEquals(seen, ["canceled"]);
});

Deno.test("hooks do not hold the slot when they take long", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server().after(() => opened);
  server.pool({ name: "one", types: ["t"], concurrency: 1 }).handle("t", ({ job }) => job.payload);
  await server.start();
  await world.client.enqueue("t", 1);
  const second = await world.client.enqueue("t", 2);
  assertEquals(await world.drive(second.result()), 2);
  open();
});

Deno.test("before is stopped by the time limit of the attempt", async () => {
  await using world = new World();
  const server = world.server({ maxRetry: 0, timeoutMs: 100, graceMs: 10 });
  server.before(() => new Promise(() => {})).handle("t", () => 1);
  await server.start();
  const { id } = await world.client.enqueue("t");
  for (let i = 0; i < 12; i++) await world.clock.advance(10);
  const { status, error } = await world.record(id);
  assertEquals([status, error], [
    "dead_letter",
    "Timeout of 100 ms exceeded, handler abandoned",
  ]);
});

Deno.test("hooks are refused when the server has started", async () => {
  await using world = new World();
  const server = world.server();
  await server.start();
  assertThrows(() => server.before(() => {}), ServerStateError);
  assertThrows(() => server.after(() => {}), ServerStateError);
});
