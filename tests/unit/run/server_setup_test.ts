import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { InvalidJobTypeError, UnknownJobTypeError } from "../../../src/enqueue/errors.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { job } from "../../../src/job/registry.ts";
import {
  DuplicateHandlerError,
  DuplicatePoolError,
  JobTypeConflictError,
  ServerStateError,
} from "../../../src/run/errors.ts";
import type { HandlerOptions } from "../../../src/run/handler.ts";
import type { PoolOptions } from "../../../src/run/pool_plan.ts";
import { Server } from "../../../src/run/server.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { World } from "../../support/world.ts";

const work = (): void => {};

function make(options: object = {}): Server {
  return new Server({ store: memoryStore(), logLevel: "silent", ...options });
}

const serverOptions: readonly [unknown, string][] = [
  [null, "options"],
  [{ concurrency: 5 }, "concurrency"],
  [{ leaseMs: 99 }, "leaseMs"],
  [{ leaseMs: 1.5 }, "leaseMs"],
  [{ maxDeliveries: 0 }, "maxDeliveries"],
  [{ shutdownTimeoutMs: -1 }, "shutdownTimeoutMs"],
  [{ timeoutMs: 0 }, "timeoutMs"],
  [{ timeoutMs: Infinity }, "timeoutMs"],
  [{ graceMs: -1 }, "graceMs"],
  [{ maxRetry: -1 }, "maxRetry"],
  [{ backoff: { type: "weird" } }, "backoff.type"],
  [{ backoff: "fixed" }, "backoff"],
  [{ logLevel: "loud" }, "logLevel"],
];

for (const [options, option] of serverOptions) {
  Deno.test(`Server refuses the options ${JSON.stringify(options)}`, () => {
    const error = assertThrows(() => new Server(options as object));
    assertInstanceOf(error, InvalidOptionError);
    assertEquals(error.option, option);
    assertMatch(error.message, /^Cannot create server as .+: current value is /);
  });
}

const handlerOptions: readonly [unknown, string][] = [
  [null, "options"],
  [{ workers: 5 }, "workers"],
  [{ concurrency: 0 }, "concurrency"],
  [{ concurrency: 1.5 }, "concurrency"],
  [{ timeoutMs: -5 }, "timeoutMs"],
  [{ graceMs: NaN }, "graceMs"],
  [{ maxRetry: "3" }, "maxRetry"],
  [{ backoff: { type: "custom" } }, "backoff.intervals"],
  [{ isFailure: true }, "isFailure"],
  [{ onSuccess: {} }, "onSuccess"],
  [{ onFailure: "log" }, "onFailure"],
  [{ onComplete: null }, "onComplete"],
];

for (const [options, option] of handlerOptions) {
  Deno.test(`handle refuses the options ${JSON.stringify(options)}`, () => {
    const error = assertThrows(() => make().handle("t", work, options as HandlerOptions));
    assertInstanceOf(error, InvalidOptionError);
    assertEquals(error.option, option);
    assertMatch(error.message, /^Cannot add handler as .+: current value is /);
  });
}

const poolOptions: readonly [unknown, string][] = [
  [null, "options"],
  [{}, "name"],
  [{ name: "" }, "name"],
  [{ name: 5 }, "name"],
  [{ name: "p", jobTypes: ["a"] }, "jobTypes"],
  [{ name: "p", concurrency: 0 }, "concurrency"],
  [{ name: "p", concurrency: 100_001 }, "concurrency"],
  [{ name: "p", strategy: "random" }, "strategy"],
  [{ name: "p", weights: { a: 1 } }, "weights"],
  [{ name: "p", queues: ["a"], strategy: "strict", weights: { a: 1 } }, "weights"],
  [{ name: "p", queues: ["a"], weights: { b: 1 } }, "weights.b"],
  [{ name: "p", queues: ["a"], weights: { a: 0 } }, "weights.a"],
  [{ name: "p", types: [] }, "types"],
  [{ name: "p", types: "a" }, "types"],
  [{ name: "p", types: ["a", ""] }, "types[1]"],
  [{ name: "p", types: ["a", "a"] }, "types[1]"],
  [{ name: "p", types: ["a", "*"] }, "types"],
  [{ name: "p", queues: [] }, "queues"],
  [{ name: "p", queues: ["a b"] }, "queues[0]"],
  [{ name: "p", queues: ["q", "q"] }, "queues[1]"],
  [{ name: "p", timeoutMs: 0 }, "timeoutMs"],
  [{ name: "p", maxRetry: -1 }, "maxRetry"],
];

for (const [options, option] of poolOptions) {
  Deno.test(`pool refuses the options ${JSON.stringify(options)}`, () => {
    const error = assertThrows(() => make().pool(options as PoolOptions));
    assertInstanceOf(error, InvalidOptionError);
    assertEquals(error.option, option);
    assertMatch(error.message, /^Cannot add pool as .+: current value is /);
  });
}

for (const type of ["", "a\n", 5, null, undefined]) {
  Deno.test(`handle refuses the type ${JSON.stringify(type)}`, () => {
    assertThrows(
      () => make().handle(type as string, work),
      InvalidJobTypeError,
      "Cannot add handler",
    );
  });
}

for (const handler of [undefined, null, "work", {}]) {
  Deno.test(`handle and use refuse ${JSON.stringify(handler)} for a function`, () => {
    const wrong = handler as unknown as () => void;
    assertThrows(
      () => make().handle("t", wrong),
      InvalidOptionError,
      "'handler' must be a function",
    );
    assertThrows(() => make().use(wrong), InvalidOptionError, "'middleware' must be a function");
  });
}

Deno.test("handle refuses a second handler of a type", () => {
  const error = assertThrows(
    () => make().handle("t", work).handle("u", work).handle("t", work),
    DuplicateHandlerError,
  );
  assertEquals(error.code, "DUPLICATE_HANDLER");
  assertMatch(error.message, /^Cannot add handler as .*'t'/);
});

for (const type of ["x", "toString", "__proto__", "constructor"]) {
  Deno.test(`handle refuses the type '${type}' when it is outside the registry`, () => {
    const server = new Server({ store: memoryStore(), jobs: { a: job() } });
    const handle = server.handle as (type: string, handler: () => void) => unknown;
    assertThrows(() => handle.call(server, type, work), UnknownJobTypeError, "Cannot add handler");
  });
}

Deno.test("pool refuses a second pool of a name", () => {
  const error = assertThrows(
    () => make().pool({ name: "p" }).pool({ name: "p", types: ["a"] }),
    DuplicatePoolError,
  );
  assertEquals(error.code, "DUPLICATE_POOL");
});

Deno.test("start refuses pools that take one type from one queue, and can be tried again", async () => {
  await using world = new World();
  const server = world.server().handle("a", work);
  server.pool({ name: "p", types: ["a"] }).pool({ name: "r", types: ["a"], queues: ["q"] });
  await assertRejects(() => server.start(), JobTypeConflictError);
  await assertRejects(() => server.start(), JobTypeConflictError);
});

const changes: readonly [string, (server: Server) => unknown, string][] = [
  ["handle", (server) => server.handle("t", work), "Cannot add handler"],
  ["pool", (server) => server.pool({ name: "p" }), "Cannot add pool"],
  ["use", (server) => server.use((_, next) => next()), "Cannot add middleware"],
];

for (const [name, change, message] of changes) {
  Deno.test(`${name} throws ServerStateError once the server has been started`, async () => {
    await using world = new World();
    const server = world.server();
    await server.start();
    const error = assertThrows(() => change(server), ServerStateError, message);
    assertMatch(error.message, /must be new: current state is running/);
    await world.drive(server.stop());
    assertThrows(() => change(server), ServerStateError, "current state is stopped");
  });
}

Deno.test("Server ids differ", () => {
  assertEquals(new Set(Array.from({ length: 100 }, () => make().id)).size, 100);
});

Deno.test("a server without handlers does the store's upkeep", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t", 1, { delayMs: 1000, expireAt: undefined });
  await world.server().start();
  await world.clock.advance(6000);
  assertEquals((await world.record(handle.id)).status, "ready", "promoted, not claimed");
});
