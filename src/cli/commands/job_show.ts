/**
 * One job in full.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { type Api, path } from "../api.ts";
import { ago, duration, progressText, statusName } from "../format.ts";
import type { AttemptShape, JobShape, RelativeShape } from "../api_shapes.ts";
import { printFacts, printHead, printJson, printTable } from "../output.ts";
import { style, toneOf } from "../style.ts";
import { oneLine } from "../table.ts";

interface Details {
  readonly job: JobShape;
  readonly parents: readonly RelativeShape[];
  readonly children: readonly RelativeShape[];
}

/** Prints one job. */
export async function showJob(
  api: Api,
  id: string,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const { data } = await api.get<Details>(path`/api/v1/jobs/${id}/details`);
  if (json) printJson(data, terminal);
  else printDetails(data, terminal);
  return 0;
}

function printDetails({ job, parents, children }: Details, terminal: Terminal): void {
  const nowMs = systemClock.now();
  const at = (seconds: string | undefined): string | undefined => {
    if (seconds === undefined) return undefined;
    const ms = Number(seconds) * 1000;
    return `${new Date(ms).toISOString().replace(".000", "")} (${ago(ms, nowMs)})`;
  };
  printFacts([
    ["Id", job.id],
    ["Type", job.type],
    ["Queue", job.queue],
    ["Status", statusName(job.status), toneOf(job.status)],
    ["Error", job.error, "bad"],
    ["Progress", progressText(job.progress) || undefined],
    ["Enqueued", at(job.created_at)],
    ["Due", job.completed_at === undefined ? at(job.scheduled_at) : undefined],
    ["Started", at(job.started_at)],
    ["Ended", at(job.completed_at)],
    ["Attempts", job.attempts_made],
    ["Priority", job.priority === "0" ? undefined : job.priority],
    ["Server", job.server_id && `${job.server_id}, pool ${job.worker_id ?? "?"}`],
  ], terminal);
  for (const name of ["payload", "result", "meta"] as const) {
    if (job[name] === undefined) continue;
    printHead(name[0]!.toUpperCase() + name.slice(1), terminal);
    terminal.out(`${JSON.stringify(job[name], null, 2)}\n`);
  }
  printAttempts(job.attempts ?? [], nowMs, terminal);
  if (job.logs !== undefined && job.logs.length > 0) {
    printHead("Log", terminal);
    for (const { at_ms, text } of job.logs) {
      const when = style(new Date(at_ms).toISOString(), "faint", terminal.colours);
      terminal.out(`${when} ${oneLine(text)}\n`);
    }
  }
  printRelatives("Depends on", parents, terminal);
  printRelatives("Depend on it", children, terminal);
}

function printAttempts(
  attempts: readonly AttemptShape[],
  nowMs: number,
  terminal: Terminal,
): void {
  if (attempts.length === 0) return;
  printHead("Attempts", terminal);
  for (const one of attempts.toReversed()) {
    const outcome = style(statusName(one.outcome), toneOf(one.outcome), terminal.colours);
    const took = duration(one.finished_at_ms - one.started_at_ms);
    const where = style(`${one.server_id}, pool ${one.pool}`, "faint", terminal.colours);
    terminal.out(
      `${one.attempt}. ${outcome} after ${took}, ${ago(one.finished_at_ms, nowMs)}  ${where}\n`,
    );
    const { error } = one;
    if (error === undefined) continue;
    terminal.out(`   ${oneLine(`${error.name ?? "Error"}: ${error.message}`)}\n`);
    for (const line of error.stack?.split("\n") ?? []) {
      terminal.out(`     ${style(oneLine(line).trim(), "faint", terminal.colours)}\n`);
    }
  }
}

function printRelatives(
  title: string,
  relatives: readonly RelativeShape[],
  terminal: Terminal,
): void {
  if (relatives.length === 0) return;
  printHead(title, terminal);
  printTable(
    relatives,
    [
      { title: "ID", cell: ({ id }) => id },
      { title: "TYPE", cell: ({ type = "" }) => type },
      {
        title: "STATUS",
        cell: ({ status = "unknown" }) => statusName(status),
        tone: ({ status = "" }) => toneOf(status),
      },
    ],
    terminal,
    "",
  );
}
