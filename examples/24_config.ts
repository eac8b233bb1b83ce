/**
 * A server as a file: `gqm.yaml` says what runs where, code has the handlers. Where both speak, code
 * wins. All that is wrong in a file is told at once.
 */

import { fileURLToPath } from "node:url";
import { Client, Server } from "../mod.ts";
import { ConfigError, loadConfig } from "../src/config/mod.ts"; // elsewhere "@gqm/gqm/config"

const file = fileURLToPath(new URL("./24_config.yaml", import.meta.url));
const config = await loadConfig(file, { env: { MAIL_SLOTS: "3" } });
for (const { name, concurrency = "as many as cores" } of config.pools) {
  console.log(`pool ${name}: ${concurrency}`);
}

await using server = Server.fromConfig(config, { timeoutMs: 5000, logLevel: "error" });
server.handle("email.send", ({ job }) => `sent to ${job.payload}`);
server.handle("cleanup", () => {});
await server.start();

await using client = new Client({ store: "memory:config" });
const mail = await client.enqueue("email.send", "ada@example.com", { queue: "mail" });
console.log(await mail.result());
const schedule = await client.schedules.get("cleanup-daily");
console.log(`${schedule?.id}: ${schedule?.cron} in ${schedule?.timeZone}`);

const text = `
pools:
  - name: mail
    job_types: ["email.send"]
    concurency: 3
    job_timeout: -1
`;
try {
  await loadConfig({ text, path: "wrong.yaml" });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  for (const { line, path, suggestion = "?" } of error.problems) {
    console.log(`line ${line}: ${path} is wrong, perhaps: ${suggestion}`);
  }
}

// prints:
// pool mail: 3
// pool rest: as many as cores
// sent to ada@example.com
// cleanup-daily: 0 2 * * * in Europe/Berlin
// line 5: pools[0].concurency is wrong, perhaps: concurrency
// line 6: pools[0].job_timeout is wrong, perhaps: ?
