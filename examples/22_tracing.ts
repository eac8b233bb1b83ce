/** Tracing: one trace from the call that enqueues, over attempts, to what they enqueue. */

import { Client, memoryStore, Server } from "../mod.ts";
import { openTelemetry } from "../src/otel/mod.ts";
import { SpanPrinter } from "./tracing/print_spans.ts";

const tracerProvider = new SpanPrinter(); // without one, that of the SDK that is registered
const tracing = openTelemetry({ tracerProvider });

await using store = memoryStore();
await using client = new Client({ store, tracing });
await using server = new Server({ store, tracing, logLevel: "silent" });
server.pool({ name: "one", types: ["*"], concurrency: 1 });

server.handle("order.place", async ({ job, enqueueChild }) => {
  if (job.attempt === 1) throw new Error("the shop does not answer");
  await enqueueChild("mail.send", job.payload);
}, { backoff: { type: "fixed", baseMs: 1 } });
server.handle("mail.send", ({ job }) => {
  // The trace goes into headers, say, of requests to others.
  return job.trace?.traceparent.length;
});
await server.start();

const order = await client.enqueue("order.place", { book: 1 });
await order.result();
await server.drain();
await server.stop(); // by now all spans have ended
tracerProvider.print();

// prints:
// send order.place
//   process order.place, attempt 1: retry
//   process order.place, attempt 2: completed, linked to the one before
//     send mail.send
//       process mail.send, attempt 1: completed
