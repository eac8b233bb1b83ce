/** A process that enqueues a traced job and prints its span. Its argument is the file of a SQLite store. */

import process from "node:process";
import { Client, sqliteStore } from "../../mod.ts";
import { openTelemetry } from "../../src/otel/mod.ts";
import { only, recording } from "./otel.ts";

const { tracerProvider, spans } = recording();
const store = sqliteStore(process.argv[2]!);
const client = new Client({ store, tracing: openTelemetry({ tracerProvider }) });
await client.enqueue("order", undefined, { id: "order" });
await client.close();
await store.close();
console.log(JSON.stringify(only(spans(), "send order").spanContext()));
