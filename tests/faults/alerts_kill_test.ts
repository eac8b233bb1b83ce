/** Monitors that are killed between an alert and its delivery, which comes all the same, with the same id. */

import { assertEquals } from "@std/assert";
import { Client, type Store } from "../../mod.ts";
import { Receiver } from "../monitor/support/receiver.ts";
import { realKinds, type RealPlace } from "../monitor/support/real_places.ts";

const WORKER = new URL("./alerts_worker.ts", import.meta.url).pathname;

function start({ url }: RealPlace, receiver: Receiver): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--quiet", WORKER, url!, receiver.url],
    stdin: "null",
  }).spawn();
}

async function kill(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
}

async function jobsOf(store: Store): Promise<number> {
  const rows = (await store.counts()).filter(({ type }) => type === "gqm.webhook");
  return rows.reduce((sum, { count }) => sum + count, 0);
}

async function historyOf(store: Store): Promise<number> {
  return (await store.trail("alerts", { limit: 10 })).entries.length;
}

for (const { name, skip, make } of realKinds.filter(({ name }) => name !== "memory")) {
  Deno.test({
    name: `a monitor that is killed while it delivers is followed by one that delivers (${name})`,
    ignore: skip !== false,
    fn: async () => {
      await using place = await make();
      await using receiver = await Receiver.open();
      const store = await place.open();
      await using client = new Client({ store });
      await client.enqueue("work", null, { queue: "mail" });
      receiver.answer = (count) => count === 1 ? "never" : { status: 200 };
      const first = start(place, receiver);
      try {
        await receiver.until((requests) => requests.length === 1);
      } finally {
        await kill(first);
      }
      const second = start(place, receiver);
      try {
        // The job comes back with the end of its lease.
        await receiver.until((requests) => requests.length === 2);
        const delivery = (request: number): unknown =>
          receiver.requests[request]!.headers["x-gqm-delivery"];
        assertEquals(delivery(0), delivery(1));
        assertEquals((await store.awaitFinal(String(delivery(1))))?.status, "completed");
        // What the first did not get to write, the second does when it has the pen.
        await receiver.until(async () => await historyOf(store) > 0);
        const counts = [await jobsOf(store), await historyOf(store), receiver.requests.length];
        assertEquals(counts, [1, 1, 2]);
      } finally {
        await kill(second);
      }
    },
  });
}
