import { assertEquals } from "@std/assert";
import { World } from "../../support/world.ts";

const broken = {
  get(): never {
    throw new Error("broken getter");
  },
};

function strange(key: string, descriptor: PropertyDescriptor): Error {
  return Object.defineProperty(new Error("strange"), key, descriptor);
}

const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const rejected = Promise.reject(new Error("inner"));
rejected.catch(() => {});
const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

/** What may come out of user code. */
const thrown: readonly [string, unknown][] = [
  ["an error", new Error("x")],
  ["undefined", undefined],
  ["null", null],
  ["a string", "x"],
  ["an empty string", ""],
  ["a number", 0],
  ["a symbol", Symbol("x")],
  ["a function", () => {}],
  ["an object", { code: 1 }],
  ["an object with a cycle", cyclic],
  ["an object without prototype", Object.create(null)],
  ["a frozen error", Object.freeze(new Error("x"))],
  ["an error without stack", strange("stack", { value: undefined })],
  ["an error with a number for a stack", strange("stack", { value: 5 })],
  ["an error without name", strange("name", { value: undefined })],
  ["an error whose message is a symbol", strange("message", { value: Symbol("m") })],
  ["an error whose message cannot be read", strange("message", broken)],
  ["an error whose cause cannot be read", strange("cause", broken)],
  ["a promise that rejected", rejected],
  ["a revoked proxy", revoked],
  ["an object whose toString throws", { toString: broken.get, toJSON: broken.get }],
];

for (const later of [false, true]) {
  for (const [what, value] of thrown) {
    Deno.test(`a pool goes on when a handler ${later ? "rejects with" : "throws"} ${what}`, async () => {
      await using world = new World();
      const called: string[] = [];
      const server = world.server({ maxRetry: 0 });
      server.pool({ name: "one", types: ["bad", "good"], concurrency: 1 });
      server.handle("bad", () => {
        if (later) return Promise.reject(value);
        throw value;
      }, {
        onFailure: ({ error }) =>
          called.push(Object.is(error, value ?? error) ? "itself" : "another"),
      });
      server.handle("good", () => "fine");
      await server.start();
      const bad = await world.client.enqueue("bad");
      const good = await world.client.enqueue("good");
      assertEquals(await world.drive(good.result()), "fine");
      const record = await world.record(bad.id);
      assertEquals([record.status, typeof record.error], ["dead_letter", "string"]);
      await world.flush();
      assertEquals(called, ["itself"], "the callback gets what was thrown");
      assertEquals(world.logger.saying("Store cannot be reached"), [], "no blame on the store");
    });
  }
}

Deno.test("a handler that returns a thenable which throws fails its job only", async () => {
  await using world = new World();
  const server = world.server({ maxRetry: 0 });
  server.handle("t", () => ({
    then(): never {
      throw new RangeError("broken thenable");
    },
  }));
  await server.start();
  const { id } = await world.client.enqueue("t");
  await world.flush();
  const record = await world.record(id);
  assertEquals([record.status, record.error], ["dead_letter", "broken thenable"]);
});

Deno.test("a handler may run as many failing jobs as it has slots at once", async () => {
  await using world = new World();
  const server = world.server({ maxRetry: 0 });
  server.handle("t", () => Promise.reject("no"), { concurrency: 100 });
  await server.start();
  const handles = await Promise.all(Array.from({ length: 500 }, () => world.client.enqueue("t")));
  await Promise.allSettled(handles.map((handle) => world.drive(handle.result())));
  assertEquals((await world.store.counts()).map(({ status, count }) => [status, count]), [
    ["dead_letter", 500],
  ]);
});
