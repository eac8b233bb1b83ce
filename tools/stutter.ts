/**
 * Runs a command and, again and again, stops one of its processes for a moment, as a machine does that has too little
 * time for all of them. A test that fails under it believes in a time by which something has happened. Linux only.
 *
 * `deno task stutter [--seed=N] [--every=400] [--for=150] [--most=1200] COMMAND [ARGUMENT ...]`, in milliseconds: the
 * mean time between two stops, and the mean and the longest time of one.
 */

import process from "node:process";
import { seededRng } from "../src/rng.ts";
import { allProcesses, type Process, readProcess } from "./proc.ts";

/** Names of those that do the work of tests; `MainThread` is Node. */
const STOPPED = /^(deno|node|MainThread|bun|redis-server|gqm|chrom)/;
/** Most processes that are stopped at the same time. */
const AT_ONCE = 3;
const defaults = { seed: Date.now() % 1_000_000, every: 400, for: 150, most: 1200 };

/** A process and all that descend from it, as far as they run. */
async function familyOf(root: number): Promise<Process[]> {
  const children = new Map<number, Process[]>();
  for await (const one of allProcesses()) {
    children.set(one.parent, [...children.get(one.parent) ?? [], one]);
  }
  const found = [await readProcess(root)].filter((one) => one !== undefined);
  for (const { pid } of found) found.push(...children.get(pid) ?? []);
  return found.filter(({ name, state }) => STOPPED.test(name) && "SRD".includes(state));
}

/** Stops processes until it is ended, which lets them all go on. */
class Stutter {
  readonly #held = new Map<
    number,
    { readonly one: Process; readonly timer: ReturnType<typeof setTimeout> }
  >();
  #stops = 0;

  /** How often one was stopped. */
  get stops(): number {
    return this.#stops;
  }

  stop(one: Process, ms: number): void {
    if (this.#held.size >= AT_ONCE || this.#held.has(one.pid)) return;
    try {
      process.kill(one.pid, "SIGSTOP");
    } catch {
      return; // it has ended
    }
    this.#stops++;
    const timer = setTimeout(() => this.#goOn(one), ms);
    this.#held.set(one.pid, { one, timer });
  }

  async #goOn(one: Process): Promise<void> {
    this.#held.delete(one.pid);
    if ((await readProcess(one.pid))?.startedAt !== one.startedAt) return;
    try {
      process.kill(one.pid, "SIGCONT");
    } catch {
      // it has ended
    }
  }

  async end(): Promise<void> {
    for (const { one, timer } of [...this.#held.values()]) {
      clearTimeout(timer);
      await this.#goOn(one);
    }
  }
}

async function main(): Promise<number> {
  const options = { ...defaults };
  const words = [...Deno.args];
  while (words[0]?.startsWith("--")) {
    const [name = "", value = ""] = words.shift()!.slice(2).split("=");
    if (!Object.hasOwn(options, name) || !/^\d+$/.test(value)) {
      const known = Object.keys(options).map((one) => `--${one}=N`).join(" ");
      throw new RangeError(
        `Cannot stutter as options are ${known}: current value is "--${name}=${value}"`,
      );
    }
    options[name as keyof typeof options] = Number(value);
  }
  const [bin, ...args] = words;
  if (bin === undefined) throw new RangeError("Cannot stutter as a command must be given");
  if (Deno.build.os !== "linux") {
    throw new RangeError(
      `Cannot stutter as the system must be linux: current value is "${Deno.build.os}"`,
    );
  }
  console.error(`seed ${options.seed}`);
  const rng = seededRng(options.seed);
  const stutter = new Stutter();
  const command = new Deno.Command(bin, { args, stdin: "null" }).spawn();
  let ended = false;
  const status = command.status.then(({ code }) => {
    ended = true;
    return code;
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => command.kill(signal));
  }
  while (!ended) {
    const pause = new Promise((resolve) => setTimeout(resolve, 2 * rng() * options.every));
    await Promise.race([pause, status]);
    const all = ended ? [] : await familyOf(command.pid);
    const one = all[Math.floor(rng() * all.length)];
    // The exponential distribution: mostly short, now and then long.
    if (one) stutter.stop(one, Math.min(options.most, -Math.log(1 - rng()) * options.for));
  }
  await stutter.end();
  console.error(`${stutter.stops} stops`);
  return await status;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
