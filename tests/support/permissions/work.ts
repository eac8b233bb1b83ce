/** Enqueues a job and runs it: `work.ts [STORE]`. */

import { Client, Server } from "../../../mod.ts";
import process from "node:process";

const [, , store] = process.argv;
const options = store === undefined ? {} : { store };
await using server = new Server(options);
server.handle("greet", ({ job }) => `hello ${job.payload}`);
await server.start();
await using client = new Client(options);
console.log(await (await client.enqueue("greet", "Ada")).result());
