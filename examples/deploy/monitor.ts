/**
 * The monitor as an entry for Deno Deploy and `deno serve`: it needs the store and no files.
 *
 *     GQM_STORE=rediss://… GQM_API_KEY=sha256:… deno serve --allow-net --allow-env examples/deploy/monitor.ts
 *
 * `Bun.serve(entry)` takes it as well. Programs send the key in `X-API-Key`; the variable holds its
 * SHA-256 hash.
 */

import { createMonitor } from "../../mod.ts";

const key = Deno.env.get("GQM_API_KEY") ?? "";

const { fetch } = createMonitor({
  auth: { apiKeys: [{ name: "operations", key, role: "admin" }] },
});

export default { fetch };
