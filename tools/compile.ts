/**
 * Compiles the command `gqm` into one file with everything in it, by `deno compile`. Where that cannot get what it
 * puts the program into, says so, and compiles for this machine by Bun.
 *
 * `deno task compile [--target=NAME[,NAME...]|all] [--out=FOLDER]`
 */

import { join, resolve } from "node:path";
import { build } from "./build.ts";
import { bundleCommand } from "./compile/bundle.ts";
import { compileByBun } from "./compile/bun.ts";
import { BaseError, compileByDeno, hostTarget, type Target, TARGETS } from "./compile/deno.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");

/** What is compiled, and where to. */
interface Order {
  /** None for this machine, under the plain name `gqm`. */
  readonly targets: readonly Target[];
  readonly out: string;
}

/** Reads the arguments. */
export function readOrder(args: readonly string[]): Order {
  const values = { target: "", out: "dist" };
  for (let i = 0; i < args.length; i++) {
    const [, name, value] = /^--(target|out)(?:=(.*))?$/.exec(args[i]!) ?? [];
    if (name === undefined) {
      throw new RangeError(
        `Cannot compile as the only options are --target and --out: current value is "${args[i]}"`,
      );
    }
    values[name as keyof typeof values] = value ?? args[++i] ?? "";
  }
  if (values.target === "all") return { targets: TARGETS, out: values.out };
  const names = values.target.split(",").filter((name) => name !== "");
  const unknown = names.find((name) => !TARGETS.some((target) => target === name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot compile as a target must be all or of ${
        TARGETS.join(", ")
      }: current value is "${unknown}"`,
    );
  }
  return { targets: names as Target[], out: values.out };
}

/** Compiles what is ordered; gives the paths of what that made. */
export async function compile({ targets, out }: Order): Promise<readonly string[]> {
  const folder = resolve(ROOT, out);
  await build(new URL("../", import.meta.url));
  const bundle = await bundleCommand(ROOT, join(folder, "bundle"));
  const made: string[] = [];
  const host = hostTarget();
  for (const target of targets.length === 0 ? [host] : targets) {
    const suffix = target.includes("windows") ? ".exe" : "";
    const path = join(folder, `gqm${targets.length === 0 ? "" : `-${target}`}${suffix}`);
    try {
      await compileByDeno(bundle, target, path);
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
      if (target !== host) throw error;
      console.error(`${error.message}\nCompiling for this machine by Bun`);
      await compileByBun(bundle, path);
    }
    made.push(path);
  }
  return made;
}

if (import.meta.main) {
  try {
    for (const path of await compile(readOrder(Deno.args))) {
      const { size } = await Deno.stat(path);
      console.log(`${path} (${(size / 1e6).toFixed(0)} MB)`);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
