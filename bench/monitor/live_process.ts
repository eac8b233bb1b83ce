/**
 * A monitor without workers, for as many who look on as there are, until it is told to stop.
 *
 * Argument: the store's URL. Prints where it serves.
 */

import process from "node:process";
import { createMonitor, serveMonitor } from "../../mod.ts";

const [store] = process.argv.slice(2);
const monitor = createMonitor({
  ...{ store, auth: "none", rateLimit: -1, logLevel: "error" },
  live: { maxViewers: 100_000, maxViewersPerClient: 100_000 },
});
const served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });
console.log(served.url);
process.once("SIGTERM", async () => {
  await served.close();
  await monitor.close();
});
