/**
 * A process that serves the monitor of a store, and may die in the middle of an operation.
 *
 * Arguments: the store's URL; and if it is to die, before or after which call of `act`, such as
 * `before:3`. Prints where it serves when it does.
 */

import process from "node:process";
import { createMonitor, serveMonitor } from "../../../mod.ts";
import { storeFromUrl } from "../../../src/store/open.ts";
import { DecoratedStore } from "../../support/decorated_store.ts";

const [url = "", death = ""] = process.argv.slice(2);
const [when, n] = death.split(":");
const store = new DecoratedStore(storeFromUrl(url));
/** Ends the process at once, as a power cut would. */
async function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return await new Promise<never>(() => {});
}
store.on("act", async (call) => {
  const isLast = call.n === Number(n);
  if (isLast && when === "before") await die();
  const replies = await call.run();
  return isLast ? await die() : replies;
});
const monitor = createMonitor({ store, auth: "none", logLevel: "error", rateLimit: -1 });
const served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });
console.log(served.url);
await new Promise<void>((resolve) => process.once("SIGTERM", () => resolve()));
await served.close();
await monitor.close();
await store.close();
console.log("done");
