/**
 * Gets a browser for the tests of the dashboard: Chromium of the machine, installed by `apt-get` if
 * there is none and that is possible.
 *
 * `deno run -A tools/test/browser.ts`
 */

import { installPackages, run } from "../debian.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Where a browser is: the variable `CHROMIUM`, else in PATH; undefined if there is none. */
export async function findBrowser(): Promise<string | undefined> {
  const named = Deno.env.get("CHROMIUM");
  if (named) return named;
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of NAMES) {
      const path = `${folder}/${name}`;
      if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
    }
  }
  return undefined;
}

/** Gets one unless there is one; returns what went wrong, if anything. */
export async function ensureBrowser(): Promise<string> {
  if (await findBrowser() !== undefined) return "";
  if (Deno.uid() !== 0) return "there is no Chromium, and only root can install it by apt-get";
  console.error("Getting Chromium by apt-get");
  await installPackages(["chromium"]);
  const path = await findBrowser();
  if (path === undefined) return "apt-get could not install Chromium";
  const { ok, output } = await run([path, "--version"]);
  return ok ? "" : output;
}

if (import.meta.main) {
  const wrong = await ensureBrowser();
  if (wrong !== "") {
    console.error(`Cannot get a browser: ${wrong}`);
    Deno.exit(1);
  }
}
