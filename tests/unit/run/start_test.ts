import { assertEquals, assertRejects } from "@std/assert";
import { ServerStateError } from "../../../src/run/errors.ts";
import { StoreDownError } from "../../support/decorated_store.ts";
import { gate, World } from "../../support/world.ts";

/** Counts the listeners on a signal. */
function counting(): { readonly signal: AbortSignal; abort(): void; count(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners.add(args[1]);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners.delete(args[1]);
    remove(...args);
  };
  return { signal, abort: () => controller.abort(), count: () => listeners.size };
}

/** Lets the store's open wait. */
function slowOpen(world: World): { open(): void; fail(): void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const open = world.store.open.bind(world.store);
  world.store.open = () => promise.then(open);
  return { open: () => resolve(), fail: () => reject(new StoreDownError("shut")) };
}

Deno.test("start throws ServerStateError when the server has been started", async () => {
  await using world = new World();
  const server = world.server();
  await server.start();
  await assertRejects(() => server.start(), ServerStateError, "current state is running");
  await world.drive(server.stop());
  await assertRejects(() => server.start(), ServerStateError, "current state is stopped");
});

Deno.test("start throws ServerStateError when it is called twice at once", async () => {
  await using world = new World();
  const server = world.server();
  const [first, second] = await Promise.allSettled([server.start(), server.start()]);
  assertEquals([first.status, second.status], ["fulfilled", "rejected"]);
});

Deno.test("start can be repeated when the store could not be opened", async () => {
  await using world = new World();
  const open = world.store.open.bind(world.store);
  let calls = 0;
  world.store.open = () => ++calls === 1 ? Promise.reject(new StoreDownError("shut")) : open();
  const server = world.server().handle("t", () => "ran");
  await assertRejects(() => server.start(), StoreDownError, "shut");
  await server.start();
  assertEquals(await (await world.client.enqueue("t")).result(), "ran");
});

Deno.test("start rejects with the signal's reason when it has aborted, and can be repeated", async () => {
  await using world = new World();
  const server = world.server().handle("t", () => "ran");
  const signal = AbortSignal.abort(new RangeError("too late"));
  await assertRejects(() => server.start({ signal }), RangeError, "too late");
  await server.start();
  assertEquals(await (await world.client.enqueue("t")).result(), "ran");
});

Deno.test("a server stops when the signal of start aborts", async () => {
  await using world = new World();
  const { signal, abort } = counting();
  const server = world.server().handle("t", () => 1);
  await server.start({ signal });
  abort();
  await world.drive(server.stop());
  const { id } = await world.client.enqueue("t");
  await world.clock.advance(1000);
  assertEquals((await world.record(id)).status, "ready");
  await assertRejects(() => server.start(), ServerStateError, "stopped");
});

Deno.test("a server stops when the signal of start aborts while the store opens", async () => {
  await using world = new World();
  const { signal, abort } = counting();
  const { open } = slowOpen(world);
  const server = world.server().handle("t", () => 1);
  const started = server.start({ signal });
  await world.flush();
  abort();
  open();
  await started;
  await world.flush();
  const record = await world.client.enqueue("t");
  await world.clock.advance(1000);
  assertEquals((await world.record(record.id)).status, "ready", "nobody runs it");
});

Deno.test("stop leaves no listener on the signal of start", async () => {
  await using world = new World();
  const { signal, count } = counting();
  const server = world.server();
  await server.start({ signal });
  assertEquals(count(), 1);
  await world.drive(server.stop());
  await world.flush();
  assertEquals(count(), 0);
});

Deno.test("stop during start ends the server, and start resolves", async () => {
  await using world = new World();
  const { open } = slowOpen(world);
  const server = world.server().handle("t", () => 1);
  const started = server.start();
  await world.flush();
  const stopped = server.stop();
  open();
  await started;
  await world.drive(stopped);
  const { id } = await world.client.enqueue("t");
  await world.clock.advance(1000);
  assertEquals((await world.record(id)).status, "ready", "nobody runs it");
  assertEquals(world.store.calls("claim").length, 0);
});

Deno.test("a server stopped during a start that then fails cannot be started again", async () => {
  await using world = new World();
  const { fail } = slowOpen(world);
  const server = world.server();
  const started = assertRejects(() => server.start(), StoreDownError);
  await world.flush();
  const stopped = server.stop();
  fail();
  await started;
  await world.drive(stopped);
  await assertRejects(() => server.start(), ServerStateError, "current state is stopped");
});

Deno.test("run resolves when the signal aborts and the server has stopped", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const { signal, abort, count } = counting();
  const server = world.server().handle("t", () => opened.then(() => "done"));
  let ended = false;
  const run = server.run({ signal }).then(() => ended = true);
  const handle = await world.client.enqueue("t");
  await world.flush();
  abort();
  await world.flush();
  assertEquals(ended, false, "the job is still running");
  open();
  await world.drive(run);
  assertEquals(await handle.result(), "done");
  assertEquals(count(), 0);
});

Deno.test("run resolves when stop is called", async () => {
  await using world = new World();
  const server = world.server();
  const run = server.run();
  await world.flush();
  await world.drive(server.stop());
  await run;
});

Deno.test("run rejects when the server cannot start, and listens to no signals then", async () => {
  await using world = new World();
  world.store.open = () => Promise.reject(new StoreDownError("shut"));
  await assertRejects(() => world.server().run(), StoreDownError, "shut");
});

Deno.test("start and stop are logged with the server's id", async () => {
  await using world = new World();
  const server = world.server().handle("t", () => 1);
  await server.start();
  await world.drive(server.stop());
  for (const message of ["Server started", "Server stopped"]) {
    assertEquals(world.logger.saying(message).map(({ level, fields }) => [level, fields.server]), [
      ["info", server.id],
    ]);
  }
});
