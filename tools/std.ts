/**
 * Prints the arguments that `deno` needs where JSR cannot be reached: an import map that puts
 * `tools/std/*.ts` (stand-ins over npm packages) in the place of the `jsr:` imports of deno.json.
 * Prints nothing where JSR answers, so that the real packages are used.
 *
 * `STD=jsr` or `STD=npm` in the environment decides without asking the network.
 */

const JSR = "https://jsr.io/";
const PROBE_TIMEOUT_MS = 3_000;

const STAND_INS: Readonly<Record<string, string>> = {
  "@std/assert": "assert.ts",
  "@std/cli/parse-args": "cli_parse_args.ts",
  "@std/cli/unicode-width": "cli_unicode_width.ts",
  "@std/yaml": "yaml.ts",
};

/** The arguments for `deno run`, `test`, `check` and the like: none, or one `--import-map`. */
export async function stdArgs(): Promise<string[]> {
  const choice = Deno.env.get("STD") ?? "";
  if (!["", "jsr", "npm"].includes(choice)) {
    throw new RangeError(`Cannot choose packages as 'STD' must be jsr or npm: "${choice}"`);
  }
  if (choice === "jsr" || (choice === "" && await jsrAnswers())) return [];
  const map = importMap(
    JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url))),
  );
  return [`--import-map=data:application/json,${encodeURIComponent(JSON.stringify(map))}`];
}

/** Whether JSR serves the packages now, within three seconds. */
async function jsrAnswers(): Promise<boolean> {
  try {
    const url = new URL("@std/yaml/meta.json", Deno.env.get("JSR_URL") ?? JSR);
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // no route, no name, no trust, too slow: each means "not reachable"
  }
}

/** deno.json's imports with the `jsr:` ones replaced; an import map given to Deno replaces all. */
function importMap(
  config: { imports: Record<string, string> },
): { imports: typeof config.imports } {
  const imports: Record<string, string> = {};
  for (const [name, target] of Object.entries(config.imports)) {
    if (!target.startsWith("jsr:")) {
      imports[name] = target.startsWith(".")
        ? new URL(target, new URL("../", import.meta.url)).href
        : target;
    } else if (!Object.keys(STAND_INS).some((key) => key === name || key.startsWith(`${name}/`))) {
      throw new Error(
        `Cannot replace the import "${name}" as it has no stand-in: add one to tools/std`,
      );
    }
  }
  for (const [name, file] of Object.entries(STAND_INS)) {
    imports[name] = new URL(`./std/${file}`, import.meta.url).href;
  }
  return { imports };
}

if (import.meta.main) {
  for (const argument of await stdArgs()) console.log(argument);
}
