/** Whose jobs come back when a server has died: everybody's, whoever is left. */

import { assertEquals } from "@std/assert";
import { World } from "../../support/world.ts";

const LEASE_MS = 1000;

Deno.test("a server of other queues and types brings back the jobs of one that died", async () => {
  await using world = new World();
  const { id } = await world.client.enqueue("rare", null, { queue: "reports" });
  await world.store.claim({
    server: "dead",
    pool: "p",
    sources: [{ queue: "reports", types: ["rare"], share: 1 }],
    limit: 1,
    leaseMs: LEASE_MS,
  });
  const other = world.server({ leaseMs: LEASE_MS });
  other.pool({ name: "mail", types: ["mail"], queues: ["mails"] }).handle("mail", () => {});
  await other.start();
  assertEquals((await world.record(id)).status, "processing");
  await world.clock.advance(LEASE_MS + 1000);
  const { status, deliveries } = await world.record(id);
  assertEquals([status, deliveries], ["ready", 1]);
});
