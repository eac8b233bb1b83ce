/** What a job costs Redis and the client, between two gates of a lane. */

import { median } from "../median.ts";
import type { Gate, Sample } from "./lanes.ts";

/** Costs per job. */
export interface Cost {
  /** Microseconds of CPU of the Redis process. */
  readonly redisCpuUs: number;
  /** Commands that clients sent; what scripts ran does not count. */
  readonly commands: number;
  /** Commands that scripts ran. */
  readonly inside: number;
  /** Calls of scripts, which are commands too. */
  readonly scripts: number;
  /** Microseconds of CPU of the lane's process: producer, worker or both. */
  readonly clientCpuUs: number;
}

/** Names of the costs, in the order of the tables. */
export const costNames = ["redisCpuUs", "commands", "inside", "scripts", "clientCpuUs"] as const;

/** The costs of a lane's jobs from one gate to another. */
export function costOf({ jobs, gates }: Sample, from: string, to: string): Cost {
  const [a, b] = [gateOf(gates, from), gateOf(gates, to)];
  const commands = b.arrived.commands - a.left.commands;
  return {
    redisCpuUs: (b.redis.cpuUs - a.redis.cpuUs) / jobs,
    commands: commands / jobs,
    inside: Math.max(0, b.redis.commands - a.redis.commands - commands) / jobs,
    scripts: (b.redis.scripts - a.redis.scripts) / jobs,
    clientCpuUs: (b.arrived.cpuUs - a.left.cpuUs) / jobs,
  };
}

/** The median of each cost. */
export function medianCost(costs: readonly Cost[]): Cost {
  const entries = costNames.map((name) => [name, median(costs.map((cost) => cost[name]))]);
  return Object.fromEntries(entries);
}

/** A gate of a lane, by name. */
export function gateOf(gates: Sample["gates"], name: string): Gate {
  const gate = gates[name];
  if (gate !== undefined) return gate;
  throw new Error(`Cannot make the row as its lane must pass the gate "${name}"`);
}
