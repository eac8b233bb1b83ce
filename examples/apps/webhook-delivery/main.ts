/**
 * Webhook delivery: signed POSTs to endpoints that are slow, busy, broken, gone or down. The receivers are on this
 * machine, so it runs by itself:
 *
 *     deno run -A examples/apps/webhook-delivery/main.ts [FOLDER]
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { Client, type JobHandle, Server } from "../../../mod.ts";
import { Circuits } from "./circuit.ts";
import { deliverer } from "./deliver.ts";
import { type Endpoint, endpointsAt, queueOf } from "./endpoints.ts";
import { type Delivery, jobs } from "./jobs.ts";
import { Receiver } from "./receiver.ts";

const folder = process.argv[2] ?? "out/webhook-delivery";
await mkdir(folder, { recursive: true });
const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;

await using receiver = new Receiver();
const endpoints = endpointsAt(await receiver.listen(), receiver.ids);

await using client = new Client({ jobs, store });
const changes: string[] = [];
const circuits = new Circuits(client, {
  threshold: 3,
  openMs: 300,
  onChange: ({ id }, state) => changes.push(`${id} ${state}`),
});

await using server = new Server({ jobs, store, logLevel: "error" });
// Many at once, but of each endpoint one after the other: who is slow holds up nobody else.
server.pool({ name: "webhooks", types: ["*"], concurrency: 16 });
server.handle("webhook.deliver", deliverer(endpoints, circuits), {
  timeoutMs: 3000,
  maxRetry: 8,
  backoff: { type: "exponential", baseMs: 100, jitter: 0.5, maxMs: 60_000 },
});
server.handle("webhook.resume", async ({ job }) => {
  const endpoint = endpoints.get(job.payload.endpoint);
  if (endpoint) await circuits.resume(endpoint);
});
await client.limits.set({ type: "webhook.deliver", perKey: true }, {
  concurrency: 1,
  rate: { count: 50, perMs: 1000 },
});
await server.start();

/** Something happened: one job for each endpoint, all of them written or none. */
function tell(event: string, order: string, to: Iterable<Endpoint>) {
  return client.enqueueMany(
    [...to].filter(({ isActive }) => isActive).map((endpoint) => ({
      type: "webhook.deliver",
      payload: { endpoint: endpoint.id, event, data: { order } },
      options: {
        id: `${event}.${order}.${endpoint.id}`, // what is told twice is refused the second time
        queue: queueOf(endpoint),
        limitKey: endpoint.id,
      },
    })),
  );
}

/** Waits until deliveries have ended, and says how. */
async function report(handles: readonly JobHandle<Delivery>[]): Promise<void> {
  for (const handle of handles) {
    await handle.result().catch(() => {}); // the job below says more than the error does
    const { id, status, error, payload } = (await handle.job())!;
    const requests = receiver.received.filter((one) => one.id === id).length;
    const counts = `requests: ${requests}, taken: ${receiver.effectsOf(id)}`;
    console.log(`${payload.endpoint}: ${status}${error ? ` (${error})` : ""}; ${counts}`);
  }
}

console.log("order.created");
const order = crypto.randomUUID();
const deliveries = await tell("order.created", order, endpoints.values());
await report(deliveries);
console.log(`circuits: ${changes.join(", ")}`);

console.log("order.paid"); // one of these endpoints is gone by now
await report(
  await tell("order.paid", order, ["gone", "down"].map((id) => endpoints.get(id)!)),
);

// Somebody mends `strict`: its dead letters are delivered after all, with all their retries.
const queue = queueOf(endpoints.get("strict")!);
const { changed } = await client.control.retryAll({ status: "dead_letter", queue });
console.log(`retried ${changed} dead letter of strict`);
await report(deliveries.filter(({ id }) => id.endsWith(".strict")));

const file = join(folder, "received.json");
await writeFile(file, JSON.stringify(receiver.received, null, 2));
console.log(`what came in is in ${file}`);
