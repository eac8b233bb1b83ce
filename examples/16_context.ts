/** Context: what jobs inherit from where they are enqueued, and hooks around them. */

import { Client, currentContext, memoryStore, Server } from "../mod.ts";

await using store = memoryStore();
// Every job of this client says where it comes from. A tracing library would give `trace` here.
await using client = new Client({
  store,
  context: () => ({ meta: { host: "shop-1" } }),
  hooks: {
    beforeEnqueue: ({ type, options }) =>
      type.startsWith("invoice.") ? { ...options, queue: "money" } : undefined,
  },
});

/** Some code far below a handler, which knows nothing of jobs. */
function logLine(text: string): string {
  return `[${currentContext()?.meta.tenant ?? "nobody"}] ${text}`;
}

await using server = new Server({ store, logLevel: "silent" });
server.before(({ job, log }) => log(`trace: ${job.trace?.traceparent.slice(0, 11) ?? "none"}`));
server.after(({ job }, { status, attempt }) => console.log(`${job.type} ${status} (${attempt})`));
server.handle("order.placed", async ({ job }) => {
  const invoice = await client.enqueue("invoice.send", job.payload); // inherits meta and trace
  const report = await client.enqueue("report.count", null, { inheritContext: false });
  return [invoice.id, report.id];
});
server.handle("invoice.send", () => logLine("invoice sent"));
server.handle("report.count", () => logLine("counted"));
server.pool({ name: "one", types: ["*"], concurrency: 1 });
await server.start();

const order = await client.enqueue("order.placed", { total: 12 }, {
  meta: { tenant: "acme" },
  trace: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
});
const [invoiceId, reportId] = await order.result() as [string, string];
await server.drain();

for (const id of [invoiceId, reportId]) {
  const job = await client.getJob(id);
  console.log(job?.queue, JSON.stringify(job?.meta), job?.logs[0]?.text, job?.result);
}

// prints:
// order.placed completed (1)
// invoice.send completed (1)
// report.count completed (1)
// money {"host":"shop-1","tenant":"acme"} trace: 00-0af76519 [acme] invoice sent
// default {} trace: none [nobody] counted
