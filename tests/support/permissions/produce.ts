/** Enqueues a job: `produce.ts STORE`. */

import { Client } from "../../../mod.ts";
import process from "node:process";

await using client = new Client({ store: process.argv[2]! });
const { id } = await client.enqueue("greet", "Ada");
console.log(id === (await client.getJob(id))?.id ? "enqueued" : "lost");
