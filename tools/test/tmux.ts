/**
 * Gets tmux, in which tests run programs that take the whole terminal: installed by `apt-get` if there is none.
 *
 * `deno run -A tools/test/tmux.ts`
 */

import { installPackages, run } from "../debian.ts";

/** Whether there is one. */
export async function hasTmux(): Promise<boolean> {
  return (await run(["tmux", "-V"])).ok;
}

/** Gets it unless it is there; returns what went wrong, if anything. */
export async function ensureTmux(): Promise<string> {
  if (await hasTmux()) return "";
  if (Deno.uid() !== 0) return "there is no tmux, and only root can install it by apt-get";
  console.error("Getting tmux by apt-get");
  await installPackages(["tmux"]);
  return await hasTmux() ? "" : "apt-get could not install tmux";
}

if (import.meta.main) {
  const wrong = await ensureTmux();
  if (wrong !== "") {
    console.error(`Cannot get tmux: ${wrong}`);
    Deno.exit(1);
  }
}
