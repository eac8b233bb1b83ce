/** One client, one server, one job. */

import { Client, Server } from "../mod.ts";

const store = "memory:hello";

await using server = new Server({ store, logLevel: "error" });
server.handle("greet", ({ job }) => `Hello, ${job.payload}!`);
await server.start();

await using client = new Client({ store });
const greeting = await client.enqueue("greet", "Ada");
console.log(await greeting.result());

// prints:
// Hello, Ada!
