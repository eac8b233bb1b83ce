/**
 * Runs a command in a process group of its own, so that whatever it started can be ended with it:
 * at a time limit, when this process is interrupted, and when the command ended before its children.
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { allProcesses } from "./proc.ts";

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
/** How long the children of a command that has ended may take to end too. */
const GRACE_MS = 1_000;
const POLL_MS = 20;
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
    const leftProcesses = child.pid !== undefined && await outlives(child.pid);
    endGroup(child);
    return { code, timedOut, leftProcesses, ms: performance.now() - startedAt };
  } finally {
    clearTimeout(limit);
    for (const signal of signals) Deno.removeSignalListener(signal, interrupt);
  }
}

/** Ends all that is left of a command's group. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (hasGroups) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // no such group: everything has ended
  }
}

/** Whether something of a group still runs a moment after its leader has ended. */
async function outlives(leader: number): Promise<boolean> {
  const until = performance.now() + GRACE_MS;
  while (await hasRunning(leader)) {
    if (performance.now() > until) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}

/** Whether a group has a process that is more than an entry waiting to be collected. */
async function hasRunning(group: number): Promise<boolean> {
  if (!hasGroups) return false;
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  if (Deno.build.os !== "linux") return true;
  for await (const one of allProcesses()) {
    if (one.group === group && one.state !== "Z" && one.state !== "X") return true;
  }
  return false;
}
