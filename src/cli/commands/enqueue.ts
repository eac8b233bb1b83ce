/**
 * `gqm enqueue`: a job from the command line.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import { readBytes } from "../../runtime/files.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { targetFlags, withApi } from "../api.ts";
import { type Command, UsageError } from "../command.ts";
import { defineCommand } from "../define.ts";
import { span, text, texts, whole, yes } from "../flags.ts";
import { jsonFlag, printDone, printJson } from "../output.ts";

interface Enqueued {
  readonly id: string;
  readonly status: string;
  readonly is_new: boolean;
}

/** The command. */
export const enqueue: Command = defineCommand({
  name: "enqueue",
  summary: "Enqueue a job",
  args: [{ name: "TYPE" }, { name: "JSON|@FILE|-", isOptional: true }],
  flags: {
    queue: text("NAME", "Its queue [default]"),
    id: text("ID", "An id of its own"),
    priority: whole("N", "Higher first, -30 to 30 [0]", { min: -30, max: 30 }),
    delay: span("SPAN", "Start it no sooner than in this time, such as 10m"),
    expires: span("SPAN", "Cancel it unless it has started in this time"),
    "max-retry": whole("N", "Retries after the first attempt"),
    timeout: span("SPAN", "Time limit of an attempt"),
    unique: yes("Only if the same work is not there already"),
    "depends-on": texts("ID", "Start it after these jobs"),
    ...jsonFlag,
    ...targetFlags,
  },
  details:
    "The payload is JSON: as it is, out of a file, or from the standard input. Prints the id.",
  examples: [
    `enqueue email.send '{"to":"ada@example.com"}' --queue mail --delay 10m`,
    "enqueue import.rows @rows.json",
    "enqueue import.rows - < rows.json",
  ],
  run: async ({ args, flags }, terminal) => {
    const payload = await readPayload(args[1], terminal);
    const nowMs = systemClock.now();
    const { queue, id, priority, delay, expires, timeout, unique } = flags;
    const body = {
      type: args[0],
      ...payload === undefined ? {} : { payload },
      queue,
      id,
      priority,
      delay_ms: delay,
      expire_at_ms: expires === undefined ? undefined : nowMs + expires,
      max_retry: flags["max-retry"],
      timeout_ms: timeout,
      ...unique ? { unique: { by: "payload" }, on_conflict: "existing" } : {},
      depends_on: flags["depends-on"].length === 0 ? undefined : flags["depends-on"],
    };
    return await withApi(flags, async (api) => {
      const { data } = await api.send<{ data: Enqueued }>("POST", "/api/v1/jobs", body);
      if (flags.json) printJson(data, terminal);
      else if (data.is_new) printDone(`${data.id} ${data.status}`, terminal);
      else printDone(`${data.id} was there already: ${data.status}`, terminal);
      return 0;
    }, { isMade: true });
  },
});

async function readPayload(
  given: string | undefined,
  { input }: Terminal,
): Promise<unknown> {
  if (given === undefined) return undefined;
  const isFile = given.startsWith("@");
  const name = given === "-" ? "the standard input" : isFile ? given.slice(1) : "the payload";
  const json = given === "-"
    ? await input.readAll()
    : isFile
    ? new TextDecoder().decode(await readBytes(given.slice(1)))
    : given;
  try {
    return JSON.parse(json);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${name} must be JSON (a text needs quotation marks of its own): ${why}`);
  }
}
