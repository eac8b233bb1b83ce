/**
 * `gqm stats`: how it goes, once or again and again.
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import { statuses } from "../../job/state.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { type Api, targetFlags, withApi } from "../api.ts";
import type { Command } from "../command.ts";
import { defineCommand } from "../define.ts";
import { orElse, span, yes } from "../flags.ts";
import { count, duration, many, statusName } from "../format.ts";
import type { Durations, Overview } from "../api_shapes.ts";
import { type Fact, jsonFlag, printFacts, printJson } from "../output.ts";
import { toneOf } from "../style.ts";

const LEAST_EVERY_MS = 200;

function told(of: Durations | null): string | undefined {
  return of === null
    ? undefined
    : `${[of.p50, of.p95, of.p99].map(duration).join(" / ")}  (p50 / p95 / p99)`;
}

function print(data: Overview, terminal: Terminal): void {
  const { counts, recent, oldest, failing, paused, workers } = data;
  const facts: Fact[] = statuses.map((status) => {
    const n = counts[status] ?? 0;
    return [statusName(status), count(n), n > 0 ? toneOf(status) : "faint"];
  });
  facts.push(
    ["", ""],
    [
      "Last 15 min",
      `${count(recent.completed)} completed (${Math.round(recent.per_second * 100) / 100}/s), ${
        count(recent.retried + recent.dead)
      } attempts failed, ${many(recent.dead, "dead letter")}`,
    ],
    ["Waited", told(recent.wait_ms)],
    ["Ran", told(recent.run_ms)],
    [
      "Waits longest",
      oldest === null
        ? "nothing"
        : `${oldest.type} in ${oldest.queue}, for ${duration(oldest.age_ms)}`,
    ],
    [
      "Workers",
      workers === null
        ? undefined
        : `${many(workers.servers, "server")}, ${workers.busy} of ${
          many(workers.slots, "slot")
        } in use`,
      workers?.servers === 0 ? "warn" : undefined,
    ],
    [
      "Failing most",
      failing.length === 0
        ? undefined
        : failing.map(({ type, retried, dead }) => `${type} ${count(retried + dead)}`).join(", "),
      "bad",
    ],
    [
      "Paused",
      paused.length === 0
        ? undefined
        : paused.map(({ queue, type }) => [type, queue].filter(Boolean).join(" in ")).join(", "),
      "warn",
    ],
  );
  printFacts(facts, terminal);
}

async function show(api: Api, json: boolean, terminal: Terminal): Promise<void> {
  const { data } = await api.get<Overview>("/api/v1/overview");
  if (json) terminal.out(`${JSON.stringify(data)}\n`);
  else print(data, terminal);
}

/** The command. */
export const stats: Command = defineCommand({
  name: "stats",
  summary: "How many jobs there are, how fast they end, and how many fail",
  flags: {
    watch: yes("Show it anew until Ctrl-C", "w"),
    every: orElse(span("SPAN", "How often, with --watch"), 2000),
    ...jsonFlag,
    ...targetFlags,
  },
  details: "With --watch and --json a line is printed each time.",
  examples: ["stats", "stats --watch --every 1s", "stats --json --api-url http://127.0.0.1:8080"],
  run: ({ flags: { watch, every, json, ...target } }, terminal) =>
    withApi(target, async (api) => {
      if (!watch) {
        if (json) printJson((await api.get("/api/v1/overview")).data, terminal);
        else await show(api, false, terminal);
        return 0;
      }
      for (;;) {
        if (terminal.interactive && !json) terminal.out("\u001b[H\u001b[J");
        await show(api, json, terminal);
        await sleep(systemClock, Math.max(LEAST_EVERY_MS, every));
      }
    }),
});
