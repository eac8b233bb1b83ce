/**
 * A server that runs a job now and then and serves the monitor and the dashboard, until it is told to stop.
 *
 * Argument: the store's URL. Prints where it serves.
 */

import process from "node:process";
import { Server } from "../../mod.ts";

const [store] = process.argv.slice(2);
const server = new Server({
  store,
  retention: { maxCount: 100_000_000 },
  logLevel: "error",
  dashboard: true,
  api: { addr: "127.0.0.1:0", auth: "none", rateLimit: -1 },
});
server.handle("tick", () => "tock");
server.schedule("tick", { type: "tick", everyMs: 1000 });
await server.start();
console.log(server.api!.url);
process.once("SIGTERM", () => void server.stop());
