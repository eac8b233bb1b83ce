/** Runs a job on a server of a file: `configured.ts FILE`. */

import { Client, Server } from "../../../mod.ts";
import { loadConfig } from "../../../src/config/mod.ts";
import process from "node:process";

const config = await loadConfig(process.argv[2]!);
await using server = Server.fromConfig(config);
server.handle("greet", ({ job }) => `hello ${job.payload}`);
await server.start();
await using client = new Client({ store: config.server.store as string });
console.log(await (await client.enqueue("greet", "Ada")).result());
