/**
 * `gqm workers`: the pools of all servers, and what runs in them.
 *
 * @module
 */

import { targetFlags, withApi } from "../api.ts";
import type { PoolShape, RunningShape } from "../api_shapes.ts";
import type { Command } from "../command.ts";
import { defineCommand, defineGroup } from "../define.ts";
import { duration, progressText } from "../format.ts";
import { jsonFlag, printJson, printTable } from "../output.ts";
import type { Column } from "../table.ts";

const pools: readonly Column<PoolShape>[] = [
  { title: "SERVER", cell: ({ server_id }) => server_id },
  { title: "POOL", cell: ({ name }) => name },
  { title: "BUSY", cell: ({ busy, slots }) => `${busy}/${slots}`, isNumber: true },
  {
    title: "HEARTBEAT",
    cell: ({ heartbeat_age_ms }) => `${duration(heartbeat_age_ms)} ago`,
    tone: ({ heartbeat_age_ms, lease_ms }) => heartbeat_age_ms > lease_ms ? "bad" : undefined,
  },
  { title: "QUEUES", cell: ({ queues }) => queues?.join(", ") ?? "all", isLong: true },
  { title: "TYPES", cell: ({ types }) => types.join(", "), isLong: true },
];

const running: readonly Column<RunningShape>[] = [
  { title: "ID", cell: ({ id }) => id },
  { title: "TYPE", cell: ({ type }) => type, isLong: true },
  { title: "QUEUE", cell: ({ queue }) => queue, isLong: true },
  { title: "FOR", cell: ({ running_ms }) => duration(running_ms), isNumber: true },
  { title: "TRY", cell: ({ attempt }) => String(attempt), isNumber: true },
  {
    title: "PROGRESS",
    cell: ({ progress }) => progressText(progress),
    isLong: true,
  },
  { title: "WHERE", cell: ({ server_id, pool }) => pool ? `${server_id}, ${pool}` : server_id },
];

const flags = { ...jsonFlag, ...targetFlags };

/** A command that prints one list. */
function listing<T>(
  name: string,
  summary: string,
  from: string,
  columns: readonly Column<T>[],
  nothing: string,
): Command {
  return defineCommand({
    name: `workers ${name}`,
    summary,
    flags,
    examples: [`workers ${name}`, `workers ${name} --json`],
    run: (given, terminal) =>
      withApi(given.flags, async (api) => {
        const { data } = await api.get<T[]>(from, { limit: 100 });
        if (given.flags.json) printJson(data, terminal);
        else printTable(data, columns, terminal, nothing);
        return 0;
      }),
  });
}

/** The command. */
export const workers: Command = defineGroup({
  name: "workers",
  summary: "The pools of all servers, and what runs in them",
  usual: "list",
  commands: {
    list: listing("list", "List pools with their slots", "/api/v1/pools", pools, "no server runs"),
    running: listing(
      "running",
      "List running jobs, the longest first",
      "/api/v1/running",
      running,
      "nothing runs",
    ),
  },
});
