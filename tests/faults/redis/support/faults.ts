/** The faults that every call must survive. */

import type { FaultAction, ProxiedCommand } from "../../../support/redis/faults.ts";
import type { Rig } from "./rig.ts";

/** Whether a command is the one that a fault is for. */
export type Match = (command: ProxiedCommand) => boolean;

/** One row: what happens to a command, and to its repeats. */
export interface FaultRow {
  readonly name: string;
  /** One after the other, each to the next command that matches. */
  readonly steps: readonly FaultAction[];
}

const one = (name: string, action: FaultAction): FaultRow => ({ name, steps: [action] });
const before: FaultAction = { action: "cutBeforeCommand" };
const after: FaultAction = { action: "cutAfterCommand" };
const stall: FaultAction = { action: "stall" };
const stallAfter: FaultAction = { action: "stallAfterCommand" };
const drop: FaultAction = { action: "dropReply" };

/** Faults of one command. */
export const singleFaults: readonly FaultRow[] = [
  one("delayReply", { action: "delayReply", ms: 20 }),
  one("delayCommand", { action: "delayCommand", ms: 20 }),
  one("dropReply", drop),
  one("repeatReply", { action: "repeatReply" }),
  one("cutBeforeCommand", before),
  one("cutAfterCommand", after),
  ...[0, 1, 4, 17, 60].map((bytes) => one(`cutReplyAt ${bytes}`, { action: "cutReplyAt", bytes })),
  ...[0, 1, 9, 80, 130].map((bytes) =>
    one(`cutCommandAt ${bytes}`, { action: "cutCommandAt", bytes })
  ),
  one("stall", stall),
  one("stallAfterCommand", stallAfter),
];

/** Faults that go on when the command is sent again. */
export const doubleFaults: readonly FaultRow[] = [
  { name: "cutAfterCommand twice", steps: [after, after] },
  { name: "cutBeforeCommand twice", steps: [before, before] },
  { name: "cutAfterCommand, then cutBeforeCommand", steps: [after, before] },
  { name: "cutBeforeCommand, then cutAfterCommand", steps: [before, after] },
  { name: "stallAfterCommand, then cutAfterCommand", steps: [stallAfter, after] },
  { name: "dropReply, then stall", steps: [drop, stall] },
];

/** All of them. */
export const allFaults: readonly FaultRow[] = [...singleFaults, ...doubleFaults];

/** Arms the proxy of a rig. Gives how many commands a step has come upon. */
export function arm(rig: Rig, { steps }: FaultRow, match: Match): () => number {
  for (const step of steps) rig.proxy.faults.add({ ...step, match });
  return () => rig.proxy.log.filter(({ fault }) => fault !== undefined).length;
}

/** Commands that run a script, by its name. */
export function script(name: string): Match {
  return (command) => command.script === name;
}

/** Plain commands, by name and a part of their key. */
export function plain(name: string, part: string = ""): Match {
  return (command) => command.name === name && (command.args[0] ?? "").includes(part);
}
