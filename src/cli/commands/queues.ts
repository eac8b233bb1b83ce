/**
 * `gqm queues`: how much waits where; pausing, resuming, emptying.
 *
 * @module
 */

import type { Terminal } from "../../runtime/terminal.ts";
import { type Api, path, targetFlags, withApi } from "../api.ts";
import type { Command } from "../command.ts";
import { askFirst, yesFlag } from "../confirm.ts";
import { defineCommand, defineGroup } from "../define.ts";
import { text } from "../flags.ts";
import { count, many } from "../format.ts";
import { jsonFlag, printDone, printJson, printTable } from "../output.ts";
import type { Column } from "../table.ts";

const COUNTED = ["ready", "processing", "scheduled", "deferred", "retry", "dead_letter"] as const;

interface Queue extends Readonly<Record<typeof COUNTED[number], number>> {
  readonly name: string;
  readonly paused: boolean;
  readonly processed_total: number;
  readonly failed_total: number;
}

const columns: readonly Column<Queue>[] = [
  { title: "QUEUE", cell: ({ name }) => name, isLong: true },
  ...COUNTED.map((status): Column<Queue> => ({
    title: status.replace("_", " ").toUpperCase(),
    cell: (queue) => count(queue[status]),
    isNumber: true,
    tone: (queue) => status === "dead_letter" && queue[status] > 0 ? "bad" : undefined,
  })),
  { title: "COMPLETED", cell: ({ processed_total }) => count(processed_total), isNumber: true },
  {
    title: "STATE",
    cell: ({ paused }) => paused ? "paused" : "",
    tone: ({ paused }) => paused ? "warn" : undefined,
  },
];

const commonFlags = { ...jsonFlag, ...targetFlags };
const name = { name: "NAME" };

const list = defineCommand({
  name: "queues list",
  summary: "List queues with the number of their jobs",
  flags: commonFlags,
  examples: ["queues list", "queues list --json"],
  run: ({ flags }, terminal) =>
    withApi(flags, async (api) => {
      const { data } = await api.get<Queue[]>("/api/v1/queues");
      if (flags.json) printJson(data, terminal);
      else printTable(data, columns, terminal, "no queue has held a job yet");
      return 0;
    }),
});

const show = defineCommand({
  name: "queues show",
  summary: "Show one queue",
  args: [name],
  flags: commonFlags,
  examples: ["queues show mail"],
  run: ({ args, flags }, terminal) =>
    withApi(flags, async (api) => {
      const { data } = await api.get<Queue>(path`/api/v1/queues/${args[0]!}`);
      if (flags.json) printJson(data, terminal);
      else printTable([data], columns, terminal, "");
      return 0;
    }),
});

const typeFlag = { type: text("TYPE", "Only this type of its jobs") };

/** Pausing or resuming. */
function pauseCommand(verb: "pause" | "resume", summary: string, done: string): Command {
  return defineCommand({
    name: `queues ${verb}`,
    summary,
    args: [name],
    flags: { ...typeFlag, ...commonFlags },
    examples: [`queues ${verb} mail`, `queues ${verb} mail --type email.send`],
    run: ({ args, flags }, terminal) =>
      withApi(flags, async (api) => {
        const queue = args[0]!;
        const { type } = flags;
        const to = type === undefined
          ? path`/api/v1/queues/${queue}/${verb}`
          : path`/api/v1/queues/${queue}/types/${type}/${verb}`;
        const answer = await api.send("POST", to);
        if (flags.json) printJson(answer, terminal);
        else printDone(`${type === undefined ? queue : `${type} in ${queue}`} ${done}`, terminal);
        return 0;
      }),
  });
}

const empty = defineCommand({
  name: "queues empty",
  summary: "Cancel the jobs of a queue that are ready",
  args: [name],
  flags: { ...yesFlag, ...commonFlags },
  examples: ["queues empty reports", "queues empty reports --yes"],
  run: ({ args, flags }, terminal) =>
    withApi(flags, async (api) => {
      const queue = args[0]!;
      const { data } = await api.get<Queue>(path`/api/v1/queues/${queue}`);
      const what = `cancel ${many(data.ready, "ready job")} of queue '${queue}' at ${api.place}`;
      if (data.ready > 0 && !flags.yes && !await askFirst(what, terminal)) return 1;
      return await emptyQueue(api, queue, flags.json, terminal);
    }),
});

async function emptyQueue(
  api: Api,
  queue: string,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  let removed = 0;
  let refused = 0;
  let cursor: string | undefined;
  do {
    const { data } = await api.send<{ data: Emptied }>(
      "DELETE",
      path`/api/v1/queues/${queue}/empty`,
      undefined,
      { cursor },
    );
    removed += data.removed;
    refused += data.refused;
    cursor = data.cursor;
  } while (cursor !== undefined);
  if (json) printJson({ removed, refused }, terminal);
  else {
    const rest = refused === 0 ? "" : `; ${many(refused, "job")} could not be`;
    printDone(`${many(removed, "job")} of ${queue} canceled${rest}`, terminal);
  }
  return 0;
}

interface Emptied {
  readonly removed: number;
  readonly refused: number;
  readonly cursor?: string;
}

/** The command. */
export const queues: Command = defineGroup({
  name: "queues",
  summary: "How much waits in which queue; pause, resume, empty",
  usual: "list",
  commands: {
    list,
    show,
    pause: pauseCommand("pause", "Start no more jobs of a queue until it is resumed", "paused"),
    resume: pauseCommand("resume", "Go on with a paused queue", "resumed"),
    empty,
  },
});
