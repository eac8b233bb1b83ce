/**
 * Writes the files that are made from others, so that they cannot disagree with their sources.
 *
 * `deno task gen` writes what is stale; `deno task gen --check` only names it, and exits with 1.
 */

import { dirname, extname, join } from "node:path";
import { apiPage } from "./gen/api_page.ts";
import { cliPage } from "./gen/cli_page.ts";
import { configPage } from "./gen/config_page.ts";
import { configSchemaText } from "./gen/config_schema.ts";
import { eventsPage } from "./gen/events_page.ts";
import { grafanaDashboard } from "./gen/grafana.ts";
import { keysPage } from "./gen/keys_page.ts";
import { luaModule } from "./gen/lua_module.ts";
import { metricsPage } from "./gen/metrics_page.ts";
import { scriptsPage } from "./gen/scripts_page.ts";
import { statesPage } from "./gen/states_page.ts";
import { versionModule } from "./gen/version_module.ts";
import { tablesPage } from "./gen/tables_page.ts";

/** One generated file. */
export interface Generated {
  /** Where it stands, from the root. */
  readonly path: string;
  /** Makes its text; the caller formats it. */
  readonly render: () => string | Promise<string>;
}

/** All that is generated. */
const GENERATED: readonly Generated[] = [
  { path: "docs/api.md", render: apiPage },
  { path: "docs/cli.md", render: cliPage },
  { path: "docs/config.md", render: configPage },
  { path: "docs/events.md", render: eventsPage },
  { path: "docs/gqm.schema.json", render: configSchemaText },
  { path: "docs/grafana.json", render: grafanaDashboard },
  { path: "docs/keys.md", render: keysPage },
  { path: "docs/metrics.md", render: metricsPage },
  { path: "docs/scripts.md", render: scriptsPage },
  { path: "docs/states.md", render: statesPage },
  { path: "docs/tables.md", render: tablesPage },
  { path: "src/store/redis/scripts.gen.ts", render: luaModule },
  { path: "src/version.ts", render: versionModule },
];

const UNFORMATTED = ".gen";

/** The files whose text is not what their generator makes now, with the new text. */
export async function stale(
  root: string,
  generated: readonly Generated[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { path, render } of generated) {
    const text = await formatted(path, await render());
    const current = await Deno.readTextFile(join(root, path)).catch((error: unknown) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
    if (current?.replaceAll("\r\n", "\n") !== text) found.set(path, text);
  }
  return found;
}

/** What `deno fmt` makes of a text, except for `.gen.` files, which it leaves alone. */
async function formatted(path: string, text: string): Promise<string> {
  if (path.includes(`${UNFORMATTED}.`)) return text;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", extname(path).slice(1), "-"],
    cwd: join(import.meta.dirname ?? ".", ".."),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  if (code !== 0) {
    throw new Error(`Cannot format ${path}: ${new TextDecoder().decode(stderr).trim()}`);
  }
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  const unknown = Deno.args.find((arg) => arg !== "--check");
  if (unknown !== undefined) {
    console.error(`Cannot generate as the only argument is --check: current value is "${unknown}"`);
    Deno.exit(2);
  }
  const check = Deno.args.includes("--check");
  const found = await stale(root, GENERATED);
  for (const [path, text] of found) {
    if (check) {
      console.error(`${path} is stale: run deno task gen and commit the result`);
    } else {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), text);
      console.log(`wrote ${path}`);
    }
  }
  console.log(`${GENERATED.length} generated files, ${found.size} ${check ? "stale" : "written"}`);
  if (check && found.size > 0) Deno.exit(1);
}
