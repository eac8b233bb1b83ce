/**
 * `gqm.yaml`: a server as a file. `loadConfig` reads it, `Server.fromConfig` makes a server of it.
 *
 * @example
 * ```ts
 * import { Server } from "@gqm/gqm";
 * import { loadConfig } from "@gqm/gqm/config";
 * import { equal } from "node:assert/strict";
 *
 * const text = `
 * store: memory:config
 * pools:
 *   - name: mail
 *     job_types: ["email.send"]
 *     concurrency: \${MAIL_SLOTS:-2}
 * `;
 * const config = await loadConfig({ text }); // or its path: loadConfig("gqm.yaml")
 * equal(config.pools[0]?.concurrency, 2);
 *
 * await using server = Server.fromConfig(config, { logLevel: "error" });
 * server.handle("email.send", ({ job }) => job.id);
 * await server.start();
 * ```
 *
 * @module
 */

export { type ConfigSource, loadConfig, type LoadOptions } from "./load.ts";
export { ConfigError, type ConfigProblem } from "./problem.ts";
export type { LoadedConfig } from "./read_config.ts";
export { configSchema } from "./schema.ts";
export { configTemplate } from "./template.ts";
