/** A server whose store a newer version of the package takes over while it works. */

import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { LeaseLostError, StoreVersionError } from "../../../mod.ts";
import { raisedLayout } from "../../../src/store/layout_errors.ts";
import type { Verb } from "../../support/decorated_store.ts";
import { World } from "../../support/world.ts";

const VERBS: readonly Verb[] = [
  ...["claim", "settle", "heartbeat", "report", "reap", "promote", "expire", "relay"],
  ...["prune", "sample", "schedules", "leave"],
] as Verb[];

/** From now on the store refuses every call. */
function raise(world: World): void {
  const error = raisedLayout({ store: "memory:", found: 2, own: 1 });
  for (const verb of VERBS) world.store.on(verb, () => Promise.reject(error));
}

Deno.test("a server stops, and run() says why, when the store refuses its version", async () => {
  await using world = new World();
  const server = world.server({ leaseMs: 6000 });
  let reason: unknown;
  server.handle("t", async ({ signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    reason = signal.reason;
  });
  const failures: unknown[] = [];
  server.on("store.failed", ({ error }) => void failures.push(error));
  const events: string[] = [];
  server.on("*", ({ event }) => void events.push(event));
  const running = server.run();
  const { id } = await world.client.enqueue("t", null);
  await world.until(() => events.includes("job.started"), "the job has started");
  raise(world);
  const error = await assertRejects(() => world.drive(running), StoreVersionError);
  assertEquals([error.found, error.own], [2, 1]);
  assertInstanceOf(reason, LeaseLostError);
  assertEquals(failures.filter((failure) => failure instanceof StoreVersionError), failures);
  assertEquals(events.slice(-1), ["server.stopped"]);
  assertEquals(world.logger.saying("Store refuses this version, the server stops").length, 1);
  // Its job is left to its lease, for a server of the other version.
  assertEquals((await world.record(id)).status, "processing");
});

Deno.test("a server that has results which the store refuses gives up on them", async () => {
  await using world = new World();
  const server = world.server({ leaseMs: 6000, graceMs: 1000 });
  server.handle("t", () => {
    raise(world);
    return "done";
  });
  const running = server.run();
  await world.client.enqueue("t", null);
  await assertRejects(() => world.drive(running), StoreVersionError);
  await server.stop();
});
