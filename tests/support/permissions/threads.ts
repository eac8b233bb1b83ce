/** Runs a job in a thread: `threads.ts STORE`. */

import { Client, Server } from "../../../mod.ts";
import process from "node:process";

const store = process.argv[2]!;
await using server = new Server({ store });
server.pool({
  name: "threads",
  isolate: "thread",
  module: new URL("./handlers.ts", import.meta.url),
  concurrency: 1,
});
await server.start();
await using client = new Client({ store });
console.log(await (await client.enqueue("greet", "Ada")).result());
