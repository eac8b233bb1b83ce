/**
 * A process that runs jobs and serves the monitor, until it is told to stop.
 *
 * Argument: the store's URL. Prints where it serves when it does.
 */

import process from "node:process";
import { Server } from "../../../mod.ts";

const [store] = process.argv.slice(2);
const server = new Server({
  ...{ store, logLevel: "error", api: { addr: "127.0.0.1:0", auth: "none" } },
});
server.handle("greet", ({ job }) => `Hello, ${job.payload}`);
const ended = server.run();
while (server.api === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
console.log(server.api.url);
await ended;
console.log("done");
