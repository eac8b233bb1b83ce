/**
 * `gqm run`: a server whose handlers stand in a module.
 *
 * @module
 */

import { hideSecrets } from "../../errors.ts";
import { readEnv } from "../../runtime/env.ts";
import { onTermination } from "../../runtime/signals.ts";
import { moduleUrl } from "../../runtime/files.ts";
import { DEFAULT_PATH_PREFIX } from "../../monitor/dashboard/options.ts";
import { processArguments } from "../../runtime/terminal.ts";
import { Server } from "../../run/server.ts";
import type { ConfigOverrides, ServerConfig } from "../../run/server_config.ts";
import type { Command } from "../command.ts";
import { defineCommand } from "../define.ts";
import { runElsewhere } from "../elsewhere.ts";
import { oneOf, text } from "../flags.ts";
import { withHint } from "../store.ts";
import { logLevels } from "../../logger.ts";
import { StoreVersionError } from "../../store/errors.ts";
import { DEFAULT_STORE, STORE_VARIABLE } from "../../store/open.ts";

/** What a module gives: it adds its handlers, pools and schedules to the server. */
type Setup = (server: Server) => unknown;

const NO_CONFIG: ServerConfig = { server: {}, pools: [], limits: [], notes: [] };

/** The command. */
export const run: Command = defineCommand({
  name: "run",
  summary: "Run a server whose handlers stand in a module, until it is told to end",
  args: [{ name: "FILE|URL" }],
  flags: {
    config: text("FILE", "Configuration of the server; other flags win over it"),
    store: text("URL", `Store to work on [${STORE_VARIABLE}, else ${DEFAULT_STORE}]`),
    dashboard: text("ADDR", "Serve the dashboard to this machine, such as 127.0.0.1:8080"),
    "log-level": oneOf(logLevels, "Least level that is logged [info]"),
  },
  details: "The module's default export is called with the server, and may be async:\n\n" +
    '  export default (server) => server.handle("greet", ({ job }) => console.log(job.payload));\n\n' +
    "On SIGINT and SIGTERM running jobs may end in their time, others go back to their queue.\n" +
    "Where gqm is one binary, what it cannot load itself is run by an installed deno, bun or node.",
  examples: [
    "run jobs.ts",
    "run jobs.ts --config gqm.yaml",
    "run jobs.ts --store redis://127.0.0.1:6379 --dashboard 127.0.0.1:8080",
  ],
  run: async ({ args, flags }, terminal) => {
    const elsewhere = await runElsewhere(moduleUrl(args[0]!), processArguments());
    if (elsewhere !== undefined) return elsewhere;
    const setup = await load(args[0]!);
    const { dashboard, "log-level": logLevel } = flags;
    const config = flags.config === undefined ? undefined : await loadFile(flags.config);
    const store = flags.store ?? config?.server.store ?? readEnv(STORE_VARIABLE) ?? DEFAULT_STORE;
    const pages = config?.server.dashboard || flags.dashboard !== undefined;
    const options: ConfigOverrides = {
      store,
      ...logLevel === undefined ? {} : { logLevel },
      ...dashboard === undefined ? {} : {
        dashboard: pages,
        api: { addr: dashboard, ...config?.server.api === undefined ? { auth: "none" } : {} },
      },
    };
    const stopped = Promise.withResolvers<void>();
    using _listener = onTermination(() => stopped.resolve());
    await using server = Server.fromConfig(config ?? NO_CONFIG, options);
    await setup(server);
    // A module may stop its server by itself, and a server that its store refuses does.
    server.on("server.stopped", () => stopped.resolve());
    let refusal: StoreVersionError | undefined;
    server.on("store.failed", ({ error }) => {
      if (error instanceof StoreVersionError) refusal = error;
    });
    const places = flags.config === undefined ? "" : ` or 'store' in ${flags.config}`;
    await server.start().catch((error: unknown) => {
      throw withHint(error, `'--store'${places}`);
    });
    terminal.err(
      `Server ${server.id} works on ${
        typeof store === "string" ? hideSecrets(store) : "its store"
      }; Ctrl-C ends it\n`,
    );
    if (server.api !== undefined) {
      const prefix = typeof pages === "object" ? pages.pathPrefix : undefined;
      const at = pages ? `Dashboard: ${server.api.url}${prefix ?? DEFAULT_PATH_PREFIX}/` : "";
      terminal.err(`${at || `API: ${server.api.url}`}\n`);
    }
    await stopped.promise;
    await server.stop();
    if (refusal !== undefined) throw refusal;
    return 0;
  },
});

/** Only a server out of a file needs what reads YAML. */
async function loadFile(path: string): Promise<ServerConfig> {
  const { loadConfig } = await import("../../config/load.ts");
  return await loadConfig(path);
}

async function load(given: string): Promise<Setup> {
  const loaded: { readonly default?: unknown } = await import(moduleUrl(given));
  if (typeof loaded.default === "function") return loaded.default as Setup;
  throw new Error(
    `cannot run ${given} as its default export must be a function that gets the server: ` +
      `current value is ${loaded.default === undefined ? "none" : typeof loaded.default}`,
  );
}
