import { assertEquals } from "@std/assert";
import { SkipRetry } from "../../../src/settle/outcome.ts";
import type { Middleware } from "../../../src/run/handler.ts";
import { gate, never, World } from "../../support/world.ts";

/** Runs one job under middleware and tells how it ended. */
async function endOf(
  middleware: readonly Middleware[],
  handler: () => unknown = () => "result",
): Promise<readonly [status: string, outcome: unknown]> {
  await using world = new World();
  const server = world.server({ maxRetry: 0 });
  for (const one of middleware) server.use(one);
  server.handle("t", handler);
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.until(async () => (await world.record(id)).finishedAt !== null, "the end");
  await world.flush();
  const { status, error, result } = await world.record(id);
  return [status, error ?? JSON.parse(result ?? "null")];
}

Deno.test("use wraps handlers, the first one outermost", async () => {
  const seen: string[] = [];
  const around = (name: string): Middleware => async (_, next) => {
    seen.push(`${name} in`);
    const result = await next();
    seen.push(`${name} out`);
    return result;
  };
  const end = await endOf([around("a"), around("b"), around("c")], () => seen.push("handler"));
  assertEquals(seen, ["a in", "b in", "c in", "handler", "c out", "b out", "a out"]);
  assertEquals(end, ["completed", 4], "the handler's result passes through");
});

const cases: readonly [string, Middleware, readonly [string, unknown]][] = [
  ["returns next's promise", (_, next) => next(), ["completed", "result"]],
  ["changes the result", async (_, next) => `${await next()} changed`, [
    "completed",
    "result changed",
  ]],
  ["returns nothing", async (_, next) => void await next(), ["completed", null]],
  ["does not call next", () => "instead", ["completed", "instead"]],
  ["throws before next", () => {
    throw new Error("before");
  }, ["dead_letter", "before"]],
  ["throws after next", async (_, next) => {
    await next();
    throw new Error("after");
  }, ["dead_letter", "after"]],
  ["calls next twice", async (_, next) => {
    await next();
    return await next();
  }, [
    "dead_letter",
    "Cannot run handler as middleware must call 'next' once: it was called again",
  ]],
  ["calls next twice and catches that", async (_, next) => {
    const first = await next();
    await next().catch(() => {});
    return first;
  }, ["completed", "result"]],
  ["throws SkipRetry", () => Promise.reject(new SkipRetry("no")), ["dead_letter", "no"]],
  ["throws undefined", () => Promise.reject(undefined), ["dead_letter", "undefined"]],
];

for (const [what, middleware, expected] of cases) {
  Deno.test(`a job ends as ${expected[0]} when middleware ${what}`, async () => {
    assertEquals(await endOf([middleware]), expected);
  });
}

Deno.test("middleware can turn a failure into a result, and a result into a failure", async () => {
  const failing = (): never => {
    throw new Error("broken");
  };
  assertEquals(
    await endOf(
      [(_, next) => next().catch((error: Error) => `saved from ${error.message}`)],
      failing,
    ),
    ["completed", "saved from broken"],
  );
  assertEquals(
    await endOf([async (_, next) => {
      if (await next() === "result") throw new Error("not good enough");
    }]),
    ["dead_letter", "not good enough"],
  );
});

Deno.test("next rejects with what a synchronous handler threw", async () => {
  const thrown: unknown[] = [];
  const text: unknown = "a string";
  await endOf([(_, next) => next().catch((error) => void thrown.push(error))], () => {
    throw text;
  });
  assertEquals(thrown, ["a string"]);
});

Deno.test("middleware that does not wait for a failing next crashes nothing", async () => {
  const careless: Middleware = (_, next) => {
    next();
    return "did not wait";
  };
  const end = await endOf([careless], () => Promise.reject(new Error("unseen")));
  assertEquals(end, ["completed", "did not wait"]);
});

Deno.test("middleware sees the job of each attempt and shares its context", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const server = world.server({ backoff: { type: "fixed", baseMs: 0 } });
  server.use((context, next) => {
    seen.push([context.job.type, context.job.attempt, context.job.payload, context.fence > 0]);
    return next();
  });
  server.handle("a", ({ job }) => {
    if (job.attempt === 1) throw new Error("once");
  }).handle("b", () => {});
  await server.start();
  await world.drive((await world.client.enqueue("a", 1)).result());
  await world.drive((await world.client.enqueue("b", 2)).result());
  assertEquals(seen, [["a", 1, 1, true], ["a", 2, 1, true], ["b", 1, 2, true]]);
});

Deno.test("the timeout holds for middleware too", async () => {
  await using world = new World();
  const server = world.server({ timeoutMs: 100, graceMs: 0, maxRetry: 0 });
  server.use(() => never()).handle("t", () => 1);
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  await world.clock.advance(100);
  await world.flush();
  assertEquals((await world.record(id)).error, "Timeout of 100 ms exceeded, handler abandoned");
});

Deno.test("middleware that is slow after next holds the slot", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server();
  server.use(async (_, next) => {
    const result = await next();
    await opened;
    return result;
  });
  server.handle("t", () => 1, { concurrency: 1 });
  await server.start();
  const [first, second] = await Promise.all([world.client.enqueue("t"), world.client.enqueue("t")]);
  await world.flush();
  assertEquals(
    (await world.store.getJobs([first.id, second.id])).map((record) => record?.status),
    ["processing", "ready"],
  );
  open();
  await second.result();
});
