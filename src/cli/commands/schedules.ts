/**
 * `gqm schedules`: what is enqueued when.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import { type Api, path, targetFlags, withApi } from "../api.ts";
import type { FireShape, ScheduleShape } from "../api_shapes.ts";
import type { Command } from "../command.ts";
import { askFirst, yesFlag } from "../confirm.ts";
import { defineCommand, defineGroup } from "../define.ts";
import { ago, whenText } from "../format.ts";
import { jsonFlag, printDone, printFacts, printJson, printTable } from "../output.ts";
import type { Column } from "../table.ts";

const commonFlags = { ...jsonFlag, ...targetFlags };
const id = { name: "ID" };

function stateOf({ enabled, ended }: ScheduleShape): string {
  return ended ? "ended" : enabled ? "active" : "paused";
}

function columns(nowMs: number): Column<ScheduleShape>[] {
  return [
    { title: "ID", cell: (one) => one.id },
    { title: "TYPE", cell: ({ type }) => type, isLong: true },
    { title: "QUEUE", cell: ({ queue }) => queue, isLong: true },
    { title: "WHEN", cell: whenText },
    { title: "ZONE", cell: ({ time_zone }) => time_zone },
    { title: "NEXT", cell: ({ next_at_ms: at }) => at === undefined ? "" : ago(at, nowMs) },
    {
      title: "STATE",
      cell: stateOf,
      tone: (one) => stateOf(one) === "paused" ? "warn" : undefined,
    },
    { title: "SOURCE", cell: ({ source }) => source },
  ];
}

async function allSchedules(api: Api): Promise<ScheduleShape[]> {
  const all: ScheduleShape[] = [];
  let cursor: string | undefined;
  do {
    const { data, meta } = await api.get<ScheduleShape[], { cursor?: string }>(
      "/api/v1/schedules",
      {
        limit: 100,
        cursor,
      },
    );
    all.push(...data);
    cursor = meta.cursor;
  } while (cursor !== undefined);
  return all;
}

const list = defineCommand({
  name: "schedules list",
  summary: "List schedules with their next slot",
  flags: commonFlags,
  examples: ["schedules list", "schedules list --json"],
  run: ({ flags }, terminal) =>
    withApi(flags, async (api) => {
      const all = await allSchedules(api);
      if (flags.json) printJson(all, terminal);
      else printTable(all, columns(systemClock.now()), terminal, "no schedule is defined");
      return 0;
    }),
});

const show = defineCommand({
  name: "schedules show",
  summary: "Show one schedule",
  args: [id],
  flags: commonFlags,
  examples: ["schedules show nightly"],
  run: ({ args, flags }, terminal) =>
    withApi(flags, async (api) => {
      const { data } = await api.get<ScheduleShape>(path`/api/v1/schedules/${args[0]!}`);
      if (flags.json) {
        printJson(data, terminal);
        return 0;
      }
      const at = data.next_at_ms;
      printFacts([
        ["Id", data.id],
        ["Type", data.type],
        ["Queue", data.queue],
        ["When", `${whenText(data)}, ${data.time_zone}`],
        [
          "Next",
          at === undefined
            ? undefined
            : `${new Date(at).toISOString()} (${ago(at, systemClock.now())})`,
        ],
        ["State", stateOf(data)],
        ["Overlap", data.overlap],
        ["Source", data.source],
        ["Payload", data.payload === undefined ? undefined : JSON.stringify(data.payload)],
      ], terminal);
      return 0;
    }),
});

const history = defineCommand({
  name: "schedules history",
  summary: "Show what became of a schedule's last slots",
  args: [id],
  flags: commonFlags,
  examples: ["schedules history nightly"],
  run: ({ args, flags }, terminal) =>
    withApi(flags, async (api) => {
      const { data } = await api.get<FireShape[]>(path`/api/v1/cron/${args[0]!}/history`);
      // Of a schedule that is not there the history is empty too.
      if (data.length === 0) await api.get(path`/api/v1/schedules/${args[0]!}`);
      if (flags.json) {
        printJson(data, terminal);
        return 0;
      }
      const nowMs = systemClock.now();
      printTable(
        data,
        [
          { title: "SLOT", cell: ({ slot_at }) => new Date(slot_at * 1000).toISOString() },
          {
            title: "WRITTEN",
            cell: ({ triggered_at }) => ago(triggered_at * 1000, nowMs),
          },
          { title: "BY", cell: ({ kind }) => kind },
          {
            title: "OUTCOME",
            cell: ({ outcome, count = 1 }) => count > 1 ? `${outcome} ×${count}` : outcome,
          },
          { title: "JOB", cell: ({ job_id }) => job_id ?? "" },
          { title: "NOTE", cell: ({ note = "" }) => note, isLong: true },
        ],
        terminal,
        "it has not fired yet",
      );
      return 0;
    }),
});

/** A command that does something with one schedule. */
function changing(
  verb: string,
  summary: string,
  send: (api: Api, id: string) => Promise<unknown>,
  told: (id: string, answer: unknown) => string,
): Command {
  return defineCommand({
    name: `schedules ${verb}`,
    summary,
    args: [id],
    flags: { ...verb === "delete" ? yesFlag : {}, ...commonFlags },
    examples: [`schedules ${verb} nightly`],
    run: ({ args, flags }, terminal) =>
      withApi(flags, async (api) => {
        const which = args[0]!;
        if (verb === "delete" && !("yes" in flags && flags.yes)) {
          if (!await askFirst(`delete schedule '${which}' at ${api.place}`, terminal)) return 1;
        }
        const answer = await send(api, which);
        if (flags.json) printJson(answer ?? { ok: true }, terminal);
        else printDone(told(which, answer), terminal);
        return 0;
      }),
  });
}

/** The command. */
export const schedules: Command = defineGroup({
  name: "schedules",
  summary: "What is enqueued when; pause, resume, trigger, delete",
  usual: "list",
  commands: {
    list,
    show,
    history,
    pause: changing(
      "pause",
      "Leave out a schedule's slots until it is resumed",
      (api, id) => api.send("POST", path`/api/v1/cron/${id}/disable`),
      (id) => `${id} paused`,
    ),
    resume: changing(
      "resume",
      "Go on with a paused schedule",
      (api, id) => api.send("POST", path`/api/v1/cron/${id}/enable`),
      (id) => `${id} resumed`,
    ),
    trigger: changing(
      "trigger",
      "Enqueue a schedule's job now",
      (api, id) => api.send("POST", path`/api/v1/cron/${id}/trigger`),
      (id, answer) => `${id} triggered: job ${(answer as { job_id?: string }).job_id ?? "?"}`,
    ),
    delete: changing(
      "delete",
      "Delete a schedule with its history",
      (api, id) => api.send("DELETE", path`/api/v1/schedules/${id}`),
      (id) => `${id} deleted`,
    ),
  },
});
