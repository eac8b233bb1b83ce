/**
 * Processes that stand in for threads where a thread cannot do what is needed:
 * Deno cannot stop one in a loop (lost in 2.7 or 2.8, 2.9.6 is still without it:
 * denoland/deno#35657), and on Node one that outgrows its heap can end the whole
 * process (nodejs/node#47224). A process can be killed, and dies alone.
 *
 * @module
 */

import type { StdioOptions } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Thread, ThreadOptions, ThreadPort } from "./threads.ts";

/** What Deno tells of itself, as far as it is needed here. */
interface DenoGlobal {
  readonly build: { readonly standalone?: boolean };
  readonly permissions: { querySync(asked: { readonly name: string }): { readonly state: string } };
}

/** Tells a process that it stands in for a thread. */
const MARK = "gqm-thread";

const PERMISSIONS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"];

/**
 * Flags of Node that are for the one process that was started with them: a program given as
 * text, and what inspects, watches or tests a program.
 */
const OWN_FLAGS = /^(-[ep]+|--(eval|print|input-type|inspect[^=]*|watch[^=]*|test[^=]*))(=|$)/;

/**
 * Whether processes stand in for threads: on Deno, where this one may do
 * everything, as they may, and is not compiled into one file with its program;
 * on Node for those whose memory is limited, where it may start processes.
 *
 * @param limited Whether the memory of the threads is limited.
 */
export function standIn(limited: boolean): boolean {
  if ("Bun" in globalThis) return false;
  const { Deno } = globalThis as unknown as { readonly Deno?: DenoGlobal };
  if (Deno === undefined) return limited && (process.permission?.has("child") ?? true);
  if (Deno.build.standalone === true) return false;
  try {
    return PERMISSIONS.every((name) => Deno.permissions.querySync({ name }).state === "granted");
  } catch {
    return false; // a Deno that knows other permissions
  }
}

/**
 * The flags with which a process is started in the place of a thread.
 *
 * @param own Those of this process, on Node; Deno gives its own on by itself.
 */
export function flagsOfProcess(own: readonly string[], memoryLimitMb?: number): string[] {
  const kept = own.filter((flag, at) => {
    const before = own[at - 1] ?? "";
    const isValue = !flag.startsWith("-") && OWN_FLAGS.test(before) && !before.includes("=");
    return !isValue && !OWN_FLAGS.test(flag);
  });
  // The last one counts.
  return memoryLimitMb === undefined ? kept : [...kept, `--max-old-space-size=${memoryLimitMb}`];
}

/**
 * The configuration of Deno that is nearest to a module, in its folder or above; undefined where there is none, and on
 * other runtimes. A process that is made as Deno makes it by itself reads the one that stands beside its own first file.
 */
export function configOf(module: URL): string | undefined {
  if (!("Deno" in globalThis) || module.protocol !== "file:") return undefined;
  return configAbove(fileURLToPath(module));
}

function configAbove(path: string): string | undefined {
  const folder = dirname(path);
  if (folder === path) return undefined;
  const names = ["deno.json", "deno.jsonc"].map((name) => join(folder, name));
  return names.find((name) => existsSync(name)) ?? configAbove(folder);
}

/** The arguments of Deno for a process with a configuration. */
export function argumentsOfDeno(entry: URL, config: string, memoryLimitMb?: number): string[] {
  return [
    ...["run", "--allow-all", "--quiet", "--unstable-bare-node-builtins", "--unstable-detect-cjs"],
    ...(memoryLimitMb === undefined ? [] : [`--v8-flags=--max-old-space-size=${memoryLimitMb}`]),
    `--config=${config}`,
    entry.href,
  ];
}

/** Starts a process in the place of a thread. */
export async function startProcess(
  entry: URL,
  { data, config, memoryLimitMb, onMessage, onEnd }: ThreadOptions,
): Promise<Thread> {
  const { fork, spawn } = await import("node:child_process");
  const onDeno = "Deno" in globalThis;
  const stdio: StdioOptions = ["ignore", "inherit", "inherit", "ipc"];
  const child = config === undefined
    ? fork(onDeno ? entry.href : fileURLToPath(entry), [MARK], {
      execArgv: flagsOfProcess(onDeno ? [] : process.execArgv, memoryLimitMb),
      serialization: "advanced",
      stdio,
    })
    : spawn(process.execPath, [...argumentsOfDeno(entry, config, memoryLimitMb), MARK], {
      serialization: "advanced",
      stdio,
    });
  let error: { readonly error: unknown } | undefined;
  const ended = Promise.withResolvers<void>();
  child.on("message", (message: unknown) => {
    if (isThrown(message)) error = { error: message.thrown };
    else onMessage(message);
  });
  const end = (code: number): void => {
    ended.resolve();
    onEnd({ code, ...error });
  };
  child.on("error", (thrown) => {
    error ??= { error: thrown };
    if (child.pid === undefined) end(1); // it was never started
  });
  child.once("exit", (code, signal) => {
    if (signal !== null) error ??= { error: new Error(`it got ${signal}`) };
    end(code ?? 1);
  });
  const post = (message: unknown): void => {
    try {
      child.send(message as object, () => {});
    } catch (error) {
      // One that is gone hears nothing, and tells by its end.
      if (child.connected) throw error;
    }
  };
  post(data);
  return {
    post,
    terminate: async () => {
      // Of one that was never started Node would kill the group of this process.
      if (child.pid !== undefined) child.kill("SIGKILL");
      await ended.promise;
    },
  };
}

/** What ends the process, on its way to the one that started it. */
interface Thrown {
  readonly kind: "thrown";
  readonly thrown: unknown;
}

function isThrown(message: unknown): message is Thrown {
  return (message as Partial<Thrown>).kind === "thrown";
}

/** The way to the process that started this one in the place of a thread; undefined if none did. */
export async function processPort(): Promise<ThreadPort | undefined> {
  if (process.argv.at(-1) !== MARK || process.send === undefined) return undefined;
  const first = Promise.withResolvers<unknown>();
  let take = first.resolve as (message: unknown) => void;
  process.on("message", (message) => take(message));
  const send = (message: unknown, sent?: () => void): void => void process.send!(message, sent);
  const die = (thrown: unknown): void => {
    send({ kind: "thrown", thrown } satisfies Thrown, () => process.exit(1));
  };
  process.on("uncaughtException", die);
  process.on("unhandledRejection", die);
  // A supervisor or a terminal may signal all processes at once; it is for the first to say what ends.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
  process.on("disconnect", () => process.exit(1));
  await watchParent();
  return {
    data: await first.promise,
    post: (message) => send(message),
    listen: (onMessage) => take = onMessage,
  };
}

/** A process in a loop does not hear that it is alone, but a thread of it sees that it is. */
async function watchParent(): Promise<void> {
  const { Worker } = await import("node:worker_threads");
  const text = `import process from "node:process";
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && process.kill(process.pid, "SIGKILL"), 500);`;
  new Worker(new URL(`data:text/javascript,${encodeURIComponent(text)}`));
}
