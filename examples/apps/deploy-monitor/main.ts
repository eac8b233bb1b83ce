/**
 * The monitor as an entry for Deno Deploy and `deno serve`: what it serves is its default export. With a Redis store
 * it needs the network and its variables, and no files.
 *
 *     GQM_STORE=rediss://… GQM_API_KEY_HASH=sha256:… \
 *       deno serve --allow-net --allow-env examples/apps/deploy-monitor/main.ts
 *
 * `Bun.serve(entry)` takes it as well.
 */

import process from "node:process";
import { createMonitor } from "../../../mod.ts";

const { GQM_API_KEY_HASH: key, GQM_PASSWORD_HASH: passwordHash } = process.env;
if (!key && !passwordHash) {
  throw new Error(
    "Cannot serve the monitor as GQM_API_KEY_HASH, GQM_PASSWORD_HASH or both must be set: " +
      "nobody could log in",
  );
}

const monitor = createMonitor({ // its store is that of GQM_STORE
  auth: {
    // For programs, which send the key in `X-API-Key`.
    apiKeys: key ? [{ name: "operations", key, role: "admin" }] : [],
    // For people, who log in.
    users: passwordHash ? [{ username: "admin", passwordHash, role: "admin" }] : [],
  },
  dashboard: passwordHash !== undefined,
});

export default { fetch: monitor.fetch };
