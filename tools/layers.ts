/**
 * Checks that imports point inward: doors -> stages -> port -> job. Also that what the library's
 * doors reach needs no JSR, and that files stay short. Prints each violation and exits with 1.
 *
 * `deno task layers [--root=DIR]`
 */

import { join, resolve } from "node:path";
import { checkEdges, checkReach } from "./layers/check.ts";
import { checkSizes, sizeSummary } from "./layers/sizes.ts";
import { type Graph, readGraph } from "./layers/graph.ts";
import type { Door, Limits, Zone } from "./layers/table.ts";

const STAGES = ["enqueue", "ready", "claim", "run", "settle", "retain", "control", "insight"];
const ADAPTERS = ["memory", "redis", "sqlite"];

const INNER = ["job", "ground", "events", "port", "pure"];
const ALL_STAGES = ["composer", "server api", "upkeep", "schedule", ...STAGES];

/**
 * The rules. A file belongs to the first zone that names it; it may import its own zone and those
 * that `may` lists. A file in no zone is a violation: every new folder is a decision.
 */
const ZONES: readonly Zone[] = [
  {
    name: "job",
    files: ["src/job/**"],
    may: [],
    rule: "the vocabulary imports nothing outside src/job",
    instead: "move what is needed into src/job, or pass it in",
  },
  {
    name: "ground",
    files: ["src/*.ts"],
    may: ["job"],
    rule: "the ground (src/*.ts) imports only itself and src/job",
    instead: "move the code to the folder that it serves",
  },
  {
    name: "events",
    files: ["src/events/**"],
    may: ["job", "ground"],
    rule: "events import only src/job and the ground",
    instead: "describe the event with the vocabulary of src/job",
  },
  {
    name: "context",
    files: ["src/context/**"],
    may: ["job", "runtime"],
    rule: "what surrounds the running code knows the vocabulary and the runtime",
    instead: "let the stage that needs it ask",
  },
  {
    // Pure functions of a stage that other stages and the stores apply too.
    name: "pure",
    files: [
      "src/claim/strategy.ts",
      "src/schedule/cron*.ts",
      "src/schedule/definition.ts",
      "src/schedule/plan.ts",
      "src/schedule/slots.ts",
      "src/schedule/timing.ts",
      "src/schedule/zone.ts",
      "src/insight/buckets.ts",
      "src/settle/backoff.ts",
      "src/settle/decide.ts",
      "src/settle/failure.ts",
      "src/settle/fingerprint.ts",
      "src/settle/outcome.ts",
    ],
    may: ["job", "ground", "port"],
    rule: "a pure file imports only src/job, the ground, the port and other pure files",
    instead: "pass the values in",
  },
  {
    name: "opener",
    files: ["src/store/open.ts"],
    may: ["job", "ground", "port", "runtime", ...ADAPTERS],
    rule: "opening a store needs the adapters and nothing of the stages",
    instead: "move the code to the stage, which is given the opened store",
  },
  {
    name: "port",
    files: ["src/store/*.ts"],
    may: ["job", "ground", "events", "pure"],
    rule: "the port (src/store/*.ts) knows no adapter, no runtime and no stage",
    instead: "describe it in the words of src/job, or move it into the adapter",
  },
  ...ADAPTERS.map((adapter): Zone => ({
    name: adapter,
    files: [`src/store/${adapter}/**`],
    may: ["job", "ground", "port", "pure", "runtime"],
    rule: "an adapter knows the port and the runtime, no stage and no other adapter",
    instead: "take it as an argument, or list the imported file as pure in tools/layers.ts",
  })),
  {
    name: "metrics",
    files: ["src/metrics/**"],
    may: ["job", "ground", "port"],
    rule: "what a process counts of itself knows the port and nothing of the stages",
    instead: "let the stage tell it what to count",
  },
  {
    name: "server api",
    files: ["src/run/open_api.ts"],
    may: ["job", "ground", "metrics", "port", "monitor"],
    rule: "a server serves the monitor as others do",
    instead: "let the monitor do it",
  },
  {
    name: "composer",
    files: [
      "src/enqueue/client.ts",
      "src/run/attempt.ts",
      "src/run/claimer.ts",
      "src/run/consumer.ts",
      "src/run/context.ts",
      "src/run/drain.ts",
      "src/run/error_data.ts",
      "src/run/family.ts",
      "src/run/from_config.ts",
      "src/run/handler_set.ts",
      "src/run/held_work.ts",
      "src/run/keeper_main.ts",
      "src/run/keeper_thread.ts",
      "src/run/launch.ts",
      "src/run/open_keeper.ts",
      "src/run/open_threads.ts",
      "src/run/open_work.ts",
      "src/run/pool.ts",
      "src/run/server.ts",
      "src/run/server_about.ts",
      "src/run/server_config.ts",
      "src/run/server_id.ts",
      "src/run/server_options.ts",
      "src/run/server_setup.ts",
      "src/run/thread_calls.ts",
      "src/run/thread_context.ts",
      "src/run/thread_entries.ts",
      "src/run/thread_jobs.ts",
      "src/run/thread_main.ts",
      "src/run/thread_messages.ts",
      "src/run/thread_options.ts",
      "src/run/thread_pool.ts",
      "src/run/wind_down.ts",
      "src/run/worker_thread.ts",
    ],
    may: [...INNER, "context", "metrics", "opener", "runtime", ...ALL_STAGES],
    rule: "what composes the stages knows the port, not its adapters",
    instead: "take a Store as an argument",
  },
  {
    name: "upkeep",
    files: ["src/upkeep/**"],
    may: [...INNER, ...ALL_STAGES],
    rule: "upkeep composes stages over the port, not over adapters or a runtime",
    instead: "take a Store, or what the runtime gives, as an argument",
  },
  {
    name: "schedule",
    files: ["src/schedule/**"],
    may: [...INNER, "enqueue"],
    rule: "schedules check their jobs as enqueue does, and know no other stage",
    instead: "take it as an argument",
  },
  ...STAGES.map((stage): Zone => ({
    name: stage,
    files: [`src/${stage}/**`],
    may: [...INNER, "context", "opener", ...(stage === "run" ? ["composer", "metrics"] : [])],
    rule: "a stage imports neither another stage nor an adapter",
    instead:
      "compose them in src/run/pool.ts or src/upkeep, or list a pure file in tools/layers.ts",
  })),
  {
    name: "runtime",
    files: ["src/runtime/**"],
    may: ["ground"],
    rule: "a runtime's adapter knows only the ground",
    instead: "pass in what it needs",
  },
  {
    name: "config",
    files: ["src/config/**"],
    // What a file says is checked by the rules of those who are given it.
    may: [
      ...[...INNER, "opener", "runtime", "composer", "server api", "monitor"],
      ...["enqueue", "run", "control", "schedule"],
    ],
    rule: "config reads and edits settings; it composes nothing",
    instead: "return the settings and let the door that loads them act",
  },
  {
    name: "monitor",
    files: ["src/monitor/**"],
    may: [
      ...[...INNER, "metrics", "opener", "runtime", "composer"],
      ...["enqueue", "control", "insight", "schedule"],
    ],
    rule: "the monitor works through the port and what clients have, off the hot path",
    instead: "add a verb to the port",
  },
  {
    name: "otel",
    files: ["src/otel/**"],
    may: ["job", "ground"],
    rule: "OpenTelemetry fills the port src/tracing.ts and knows no stage",
    instead: "have it told through the port",
  },
  {
    name: "testing",
    files: ["src/testing/**"],
    may: [
      ...[...INNER, "opener", "runtime", "config", "monitor"],
      ...[...ALL_STAGES, ...ADAPTERS],
    ],
    rule: "the test kit imports src/, not the doors and not the command line",
    instead: "import the file that declares it",
  },
  {
    name: "cli",
    files: ["src/cli/**", "cli.ts"],
    may: [
      ...[...INNER, "opener", "runtime", "config", "monitor", "testing", "door"],
      ...[...ALL_STAGES, ...ADAPTERS],
    ],
    rule: "the command line imports only src/ and mod.ts",
    instead: "move what is needed into src/",
  },
  {
    name: "door",
    files: ["mod.ts"],
    may: [
      ...[...INNER, "context", "opener", "runtime", "config", "monitor"],
      ...[...ALL_STAGES, ...ADAPTERS],
    ],
    rule: "the public door re-exports src/, without the command line and the test kit",
    instead: "export it from ./cli or ./testing",
  },
];

/** What the library's doors may reach outside the repository, through whatever file. */
const DOORS: readonly Door[] = [
  { file: "mod.ts", lazyPackages: ["ioredis", "bcryptjs"] },
  {
    file: "src/config/mod.ts",
    lazyPackages: ["ioredis", "bcryptjs"],
    packages: ["@std/yaml", "yaml"],
  },
  { file: "src/otel/mod.ts", lazyPackages: [], packages: ["@opentelemetry/api"] },
  { file: "src/testing/mod.ts", lazyPackages: ["bcryptjs", "ioredis"] },
];

const LIMITS: Limits = {
  lines: 400,
  bannedNames: ["common", "helper", "helpers", "manager", "misc", "types", "util", "utils"],
};

/** All violations in a graph of sources, one line each. */
export function violations(graph: Graph): string[] {
  return [
    ...checkEdges(graph, ZONES),
    ...checkReach(graph, DOORS),
    ...checkSizes(graph, LIMITS),
  ];
}

if (import.meta.main) {
  const chosen = Deno.args.find((arg) => arg.startsWith("--root="))?.slice("--root=".length);
  const graph = await readGraph(resolve(chosen ?? join(import.meta.dirname ?? ".", "..")));
  const found = violations(graph);
  for (const violation of found) console.error(violation);
  console.log(sizeSummary(graph));
  console.log(`${graph.edges.length} imports, ${found.length} violations`);
  if (found.length > 0) Deno.exit(1);
}
