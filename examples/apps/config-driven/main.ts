/**
 * A server as a file: gqm.yaml has store, pools, limits, schedules, and who may see and do what;
 * handlers.ts has the rest. It serves until SIGTERM or Ctrl-C.
 *
 *     deno run -A examples/apps/config-driven/main.ts [FOLDER]
 */

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { hashPassword, newApiKey, Server, type ServerConfig } from "../../../mod.ts";
import { ConfigError, loadConfig } from "../../../src/config/mod.ts"; // elsewhere "@gqm/gqm/config"
import addHandlers from "./handlers.ts";

const folder = resolve(process.argv[2] ?? "out/config-driven");
await mkdir(folder, { recursive: true });

/** What the file asks for as variables; a password and keys that are not there are made and shown. */
async function environment(): Promise<Record<string, string | undefined>> {
  const env: Record<string, string | undefined> = {
    GQM_STORE: `sqlite:${join(folder, "gqm.db")}`,
    ...process.env,
  };
  for (const name of ["SHOP_KEY", "OPS_KEY"]) {
    if (env[name] !== undefined) continue;
    const { key, hash } = await newApiKey();
    console.log(`${name}: ${key}`);
    env[name] = hash; // a file needs no more than the hash
  }
  if (env.ADMIN_PASSWORD_HASH === undefined) {
    const password = crypto.randomUUID();
    console.log(`password of admin: ${password}`);
    env.ADMIN_PASSWORD_HASH = await hashPassword(password);
  }
  return env;
}

let config: ServerConfig;
try {
  const file = fileURLToPath(new URL("./gqm.yaml", import.meta.url));
  config = await loadConfig(file, { env: await environment() });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message); // all that is wrong, each with its line
  process.exit(2);
}

// Where both speak, code wins: `{ store: … }` here would be another store than the file's.
const server = Server.fromConfig(config);
await addHandlers(server, folder);
server.on("server.started", () => console.log(`dashboard: ${server.api?.url}/dashboard/`));
await server.run();
