/** `./config`: a server as a file, and what is said of one that is wrong. */

import { equal, match, rejects } from "node:assert/strict";
import { Client, Server } from "@gqm/gqm";
import { ConfigError, configSchema, configTemplate, loadConfig } from "@gqm/gqm/config";

const config = await loadConfig("jobs.yaml");
equal(config.pools[0]?.concurrency, 2);
await using server = Server.fromConfig(config, { logLevel: "silent" });
server.handle("email.send", ({ job }) => job.id);
await server.start();
await using client = new Client({ store: "memory:consumer-config" });
const sent = await client.enqueue("email.send", {});
equal(await sent.result(), sent.id);

await rejects(loadConfig({ text: "pools:\n  - nam: mail\n" }), (error) => {
  match(String(error), /nam/);
  return error instanceof ConfigError && error.problems.length > 0;
});
equal(typeof configSchema(), "object");
match(configTemplate(), /store/);
console.log("config: ok");
