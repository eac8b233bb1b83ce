/**
 * A monitor that judges alerts and sends webhooks, until it is killed.
 *
 * Arguments: store URL, URL of the receiver.
 */

import process from "node:process";
import { createMonitor } from "../../mod.ts";

const [store, url] = process.argv.slice(2) as [string, string];
createMonitor({
  ...{ store, auth: "none", logLevel: "error" },
  alerts: {
    everyMs: 50,
    rules: [{ when: "queue_stalled", queue: "mail", forMs: 1, resolveMs: 0 }],
    webhooks: [{ url }],
  },
});
