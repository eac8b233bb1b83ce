/**
 * Runs a command in a process group of its own, so that whatever it started can be ended with it:
 * at a time limit, when this process is interrupted, and when the command ended before its children.
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";

/** How a command ended. */
export interface Ended {
  /** Exit code; 128 or more if it was ended by a signal or the time limit. */
  readonly code: number;
  /** Whether the time limit ended it. */
  readonly timedOut: boolean;
  /** Whether it left processes behind, which are ended by now. */
  readonly leftProcesses: boolean;
  readonly ms: number;
}

/** What {@linkcode runInGroup} runs, and how. */
export interface GroupCommand {
  readonly bin: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Most milliseconds that it may take; no limit if left out. */
  readonly timeLimitMs?: number;
}

const SIGNAL_EXIT = 128;
const hasGroups = Deno.build.os !== "windows";

/** Runs a command with this process's output and no input, until it and its children are gone. */
export async function runInGroup(command: GroupCommand): Promise<Ended> {
  const startedAt = performance.now();
  const child = spawn(command.bin, [...command.args], {
    cwd: command.cwd,
    env: { ...Deno.env.toObject(), ...command.env },
    stdio: ["ignore", "inherit", "inherit"],
    detached: hasGroups,
  });
  let timedOut = false;
  const limit = command.timeLimitMs === undefined ? undefined : setTimeout(() => {
    timedOut = true;
    endGroup(child);
  }, command.timeLimitMs);
  const interrupt = (): never => {
    endGroup(child);
    Deno.exit(SIGNAL_EXIT);
  };
  const signals = (hasGroups ? ["SIGINT", "SIGTERM", "SIGHUP"] : ["SIGINT"]) as Deno.Signal[];
  for (const signal of signals) Deno.addSignalListener(signal, interrupt);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (exitCode) => resolve(exitCode ?? SIGNAL_EXIT));
    });
    const leftProcesses = endGroup(child);
    return { code, timedOut, leftProcesses, ms: performance.now() - startedAt };
  } finally {
    clearTimeout(limit);
    for (const signal of signals) Deno.removeSignalListener(signal, interrupt);
  }
}

/** Ends all that is left of a command's group; returns whether there was anything. */
function endGroup(child: ChildProcess): boolean {
  if (child.pid === undefined) return false;
  try {
    return hasGroups ? process.kill(-child.pid, "SIGKILL") : child.kill("SIGKILL");
  } catch {
    return false; // no such group: everything has ended
  }
}
