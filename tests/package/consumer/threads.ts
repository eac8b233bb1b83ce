/** A pool of threads, whose module is the consumer's own; tells what its handlers run in. */

import process from "node:process";
import { Client, Server } from "@gqm/gqm";
import { jobs } from "./handlers.ts";

const store = process.env.STORE!;
await using server = new Server({ jobs, store, logLevel: "silent" });
server.pool({
  name: "threads",
  isolate: "thread",
  module: new URL("./handlers.ts", import.meta.url),
  concurrency: 1,
});
await server.start();
await using client = new Client({ jobs, store });
console.log(`threads: ${await (await client.enqueue("where")).result()}`);
