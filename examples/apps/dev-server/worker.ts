/** The process that runs the handlers: `worker.ts HANDLERS STORE`. The dev server starts another one after each change. */

import process from "node:process";
import { pathToFileURL } from "node:url";
import { Server } from "../../../mod.ts";

const [handlers, store] = process.argv.slice(2) as [string, string];
const { default: add } = await import(pathToFileURL(handlers).href) as {
  default(server: Server): unknown;
};
// A restart waits for no handler: what runs is given back, and goes on in the next process.
const server = new Server({ store, logLevel: "warn", shutdownTimeoutMs: 0, graceMs: 1000 });
await add(server);
// The dev server may be killed: nobody would be left to end this process.
const alone = new AbortController();
process.once("disconnect", () => alone.abort());
server.on("server.started", () => process.send?.("started"));
await server.run({ signal: alone.signal });
process.exit(); // also if a handler heeds no signal
