/**
 * Every command and every flag, on a store itself and through the API of a monitor. A row says what is called, how it
 * ends, and what it prints; a flag in no row fails the test.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Command } from "../../src/cli/command.ts";
import { commands, runCommand } from "../../src/cli/main.ts";
import { sqliteStore } from "../../mod.ts";
import { type BrowserWorld, startWorld } from "../browser/support/world.ts";
import { TestTerminal, type TestTerminalOptions } from "../support/test_terminal.ts";

/** What is called, and what comes of it. Rows of a table are called one after the other. */
interface Row {
  readonly args: string;
  readonly code?: number;
  readonly out?: RegExp;
  readonly err?: RegExp;
  readonly terminal?: TestTerminalOptions;
  /** What the JSON on standard output must be told of. */
  readonly json?: (data: never) => boolean;
}

const EMPTY = /^$/;

/** Those that ask nobody, or a store alone. `STORE` is one that is there, with nothing wrong in it. */
const alone: readonly Row[] = [
  { args: "", out: /^Usage: gqm <command> \[options\]\n\nCommands:\n[\s\S]* jobs +Find jobs/ },
  { args: "--help", out: /^Usage: gqm <command>/ },
  { args: "version", out: /^gqm \d+\.\d+\.\d+\S*\n$/ },
  { args: "jobs -h", out: /^Usage: gqm jobs <command>/ },
  { args: "jobs list -help", out: /^Usage: gqm jobs list \[options\]/ },
  {
    args: "job",
    code: 1,
    out: EMPTY,
    err: /^✗ gqm: unknown command 'job'; did you mean 'jobs'\?; 'gqm help' lists/,
  },
  {
    args: "jobs lst",
    code: 1,
    out: EMPTY,
    err: /unknown command 'jobs lst'; did you mean 'list'\?\n\nUsage: gqm jobs/,
  },
  {
    args: "jobs list --quue a",
    code: 1,
    err: /unknown flag '--quue'; did you mean '--queue'\?\n\nUsage: gqm jobs list/,
  },
  {
    args: "jobs --store a --api-url b",
    code: 1,
    err: /'--store' and '--api-url' cannot both be given/,
  },
  {
    args: "queues --api-url localhost:80",
    code: 1,
    err: /'--api-url' must be an http\(s\) URL: current value is 'localhost:80'/,
  },
  {
    args: "queues --store nonsense:",
    code: 1,
    err: /^✗ gqm: Cannot open store as its URL must start with/,
  },
  {
    args: "queues --store sqlite:/nowhere/at/all.db",
    code: 1,
    err: /^✗ gqm: Cannot open store .*'--store' names another\n$/,
  },
  { args: "doctor --store STORE", out: /^✓ nothing is wrong with sqlite:.*, layout \d+$/m },
  {
    args: "doctor --repair --json --store STORE",
    json: ({ findings }: { findings: unknown[] }) => findings.length === 0,
  },
  {
    args: "bench --jobs 20 --concurrency 2 --store STORE",
    out: /^Store +sqlite:.*\nEnqueued +.* jobs\/s.*\nRan +.* jobs\/s/,
  },
  {
    args: "bench --jobs 20 --json --store STORE",
    json: ({ jobs }: { jobs: number }) => jobs === 20,
  },
  { args: "hash-password a-password", out: /^\$2b\$10\$.{53}\n$/, err: /^⚠ others may see/ },
  { args: "hash-password", terminal: { sent: "a-password\n" }, out: /^\$2b\$10\$/ },
  {
    args: "hash-password",
    terminal: { typed: ["one", "one"] },
    out: /^\$2b\$10\$/,
    err: /^Password: Password again: $/,
  },
  {
    args: "hash-password",
    code: 1,
    terminal: { typed: ["one", "two"] },
    out: EMPTY,
    err: /the two passwords are not the same/,
  },
  {
    args: "hash-password",
    code: 1,
    terminal: { typed: [" "] },
    out: EMPTY,
    err: /a password must not be blank/,
  },
  { args: "generate-api-key", out: /^gqm_ak_[0-9a-f]{48}\n$/, err: /sha256:[0-9a-f]{64}\n$/ },
  { args: "completions bash", out: /complete -o default -F _gqm gqm\n$/ },
  { args: "completions zsh", out: /^#compdef gqm\n/ },
  { args: "completions fish", out: /^complete -c gqm .* -a 'jobs' /m },
  {
    args: "completions tcsh",
    code: 1,
    err: /must be one of bash, zsh, fish: current value is 'tcsh'/,
  },
  { args: "set-password", code: 1, err: /^✗ gqm: USERNAME is missing\n\nUsage: gqm set-password/ },
  {
    args: "reset-password ada --config /nowhere/gqm.yaml",
    code: 1,
    terminal: { typed: [] },
    err: /^✗ gqm: Cannot load config as .*'\/nowhere\/gqm.yaml' must be a file that can be read/,
  },
  { args: "add-api-key", code: 1, err: /^✗ gqm: NAME is missing\n\nUsage: gqm add-api-key/ },
  { args: "revoke-api-key a --name b", code: 1, err: /NAME is given twice: 'a' and 'b'/ },
  {
    args: "run data:text/javascript,export%20default()=>1 --config /nowhere/gqm.yaml",
    code: 1,
    err: /^✗ gqm: Cannot load config/,
  },
  { args: "run", code: 1, err: /^✗ gqm: FILE\|URL is missing/ },
  {
    args: "run data:text/javascript,1",
    code: 1,
    err: /^✗ gqm: cannot run .* as its default export must be a function/,
  },
];

/** Flags that no row can hold, as they do not end or write elsewhere; other tests have them. */
const ELSEWHERE = /^(?:demo|dashboard export|run|init|(?:re)?set-password|(?:add|revoke)-api-key) /;
const UNENDING = ["stats --watch", "stats --every"];

/** Those that ask a monitor, or a store through one. */
const asking: readonly Row[] = [
  {
    args: "jobs",
    out: /^ID +TYPE +QUEUE +STATUS[\s\S]*waiting-3 +report\.write +reports +ready/,
    err: /^the first 20/,
  },
  {
    args: "jobs list --status dead_letter --queue mail",
    out: /^ID.*\nbounce-3.*\nbounce-2.*\nbounce-1.*\n$/,
  },
  {
    args: "jobs list --type report.crash",
    out: /^ID.*\ncrash-1 .*dead letter.*<b>disk<\/b> is full\n$/,
  },
  { args: "jobs list --text person-3@", out: /^ID.*\nsent-3 .*\n$/ },
  {
    args: "jobs list --prefix sent- --limit 2",
    out: /^ID.*\nsent-5.*\nsent-4.*\n$/,
    err: /first 2; '--limit'/,
  },
  {
    args: "jobs list --since 1d --status canceled --json",
    json: (jobs: { id: string }[]) => jobs[0]?.id === "canceled-1",
  },
  { args: "jobs list --type none", out: /^no such jobs\n$/ },
  {
    args: "jobs show bounce-1",
    out: /^Id +bounce-1\n[\s\S]*TypeError: mailbox \{"to":1\} does not exist\n +at /,
  },
  {
    args: "jobs show encode-1 --json",
    json: ({ job }: { job: { status: string } }) => job.status === "processing",
  },
  {
    args: "jobs show ship-1",
    out: /Depends on\nID +TYPE +STATUS\ncharge-1 +order.charge +processing\n/,
  },
  { args: "jobs show nope", code: 1, out: EMPTY, err: /^✗ gqm: job not found at \S+\n$/ },
  { args: "dlq", out: /bounce-3/ },
  { args: "dlq list --since 1h --limit 1 --json", json: (jobs: unknown[]) => jobs.length === 1 },
  { args: "dlq list --queue default", out: /^ID.*\ncrash-1.*\n$/ },
  { args: "dlq show crash-1", out: /Status +dead letter/ },
  {
    args: "dlq retry",
    code: 1,
    err: /^✗ gqm: say which jobs: their ids, a filter, or '--all'\n\nUsage: gqm dlq retry/,
  },
  { args: "dlq retry bounce-1 --all", code: 1, err: /ids and filters cannot both be given/ },
  {
    args: "dlq retry --text mailbox",
    code: 1,
    err: /^✗ gqm: nobody can be asked whether to retry 3 jobs at .*: say '--yes'\n$/,
  },
  {
    args: "dlq retry --prefix bounce-",
    code: 1,
    terminal: { typed: ["n"] },
    err: /Retry 3 jobs at .*\? \[y\/N\] Canceled\.\n$/,
  },
  {
    args: "dlq retry --type email.bounce",
    terminal: { typed: ["Y"] },
    out: /^✓ 3 jobs run again\n$/,
    err: /Retry 3 jobs/,
  },
  {
    args: "dlq delete crash-1 nope",
    code: 1,
    out: /^✓ crash-1 deleted\n$/,
    err: /^✗ gqm: nope: job not found at \S+\n$/,
  },
  { args: "jobs cancel waiting-1 --json", json: ([one]: { id: string; ok: boolean }[]) => one!.ok },
  { args: "jobs cancel waiting-1", code: 1, err: /waiting-1: / },
  { args: "jobs cancel --queue reports --status ready --yes", out: /^✓ 2 jobs canceled\n$/ },
  { args: "jobs promote later-1", out: /^✓ later-1 runs now\n$/ },
  { args: "jobs retry waiting-2", out: /^✓ waiting-2 runs again\n$/ },
  {
    args: "jobs delete --prefix sent- --since 1d -y --json",
    json: ({ changed }: { changed: number }) => changed === 5,
  },
  ...[["retry", "failed"], ["cancel", "retry"], ["promote", "retry"], ["delete", "failed"]].map((
    [verb, status],
  ): Row => ({
    args:
      `jobs ${verb} --status ${status} --queue none --type none --text x --prefix x --since 1d --all --yes --json`,
    json: ({ changed }: { changed: number }) => changed === 0,
  })),
  {
    args: "jobs retry --status ready",
    code: 1,
    err: /'query.status' must be among dead_letter, canceled, stopped, failed for 'retry'/,
  },
  ...["dlq retry", "dlq delete"].map((name): Row => ({
    args: `${name} --queue none --type none --text x --prefix x --since 1d --all --yes --json`,
    json: ({ changed }: { changed: number }) => changed === 0,
  })),
  { args: "dlq list --type none --text x --prefix x", out: /^no such jobs\n$/ },
  {
    args: "dlq show bounce-1 --json",
    json: ({ job }: { job: { id: string } }) => job.id === "bounce-1",
  },
  { args: "jobs delete --type none --all", out: /^no such jobs\n$/ },
  { args: "queues", out: /^QUEUE +READY .*\n[\s\S]*^reports .* paused$/m },
  { args: "queues list --json", json: (queues: unknown[]) => queues.length === 5 },
  { args: "queues show mail", out: /^QUEUE.*\nmail .*\n$/ },
  { args: "queues pause mail --type email.send", out: /^✓ email\.send in mail paused\n$/ },
  {
    args: "queues resume mail --type email.send --json",
    json: ({ ok }: { ok: boolean }) => ok,
  },
  { args: "queues pause mail", out: /^✓ mail paused\n$/ },
  {
    args:
      'enqueue email.send {"to":1} --queue mail --id typed-1 --priority 5 --max-retry 1 --timeout 5s',
    out: /^✓ typed-1 ready\n$/,
  },
  {
    args: "enqueue email.send - --queue mail --unique --expires 1h",
    terminal: { sent: "[1]" },
    out: /^✓ \S+ ready\n$/,
  },
  {
    args: "enqueue email.send --delay 1h --depends-on encode-1 --json",
    json: ({ is_new, status }: { is_new: boolean; status: string }) =>
      is_new && status === "deferred",
  },
  { args: "enqueue email.send {to", code: 1, err: /^✗ gqm: the payload must be JSON/ },
  { args: "enqueue", code: 1, err: /^✗ gqm: TYPE is missing\n\nUsage: gqm enqueue TYPE/ },
  { args: "queues empty mail --yes", out: /^✓ 2 jobs of mail canceled\n$/ },
  { args: "queues empty mail --json", json: ({ removed }: { removed: number }) => removed === 0 },
  { args: "queues resume mail", out: /^✓ mail resumed\n$/ },
  { args: "queues show mail --json", json: ({ name }: { name: string }) => name === "mail" },
  { args: "queues pause mail --json", json: ({ ok }: { ok: boolean }) => ok },
  { args: "queues resume mail", out: /^✓ mail resumed\n$/ },
  { args: "workers", out: /^SERVER +POOL +BUSY[\s\S]* mail +\d+\/4 / },
  { args: "workers list --json", json: (pools: unknown[]) => pools.length === 2 },
  { args: "workers running", out: /^ID[\s\S]*encode-1 +video\.encode.* 40 % 4 of 10 scenes / },
  {
    args: "schedules",
    out: /^ID[\s\S]*nightly +report\.write +reports +30 3 \* \* 1-5 +UTC +in .* active +runtime\n$/,
  },
  { args: "schedules list --json", json: (all: unknown[]) => all.length === 2 },
  { args: "schedules show each-hour", out: /When +every 1h, UTC\n[\s\S]*State +paused\n/ },
  { args: "schedules resume each-hour", out: /^✓ each-hour resumed\n$/ },
  { args: "schedules pause each-hour", out: /^✓ each-hour paused\n$/ },
  { args: "schedules history nightly", out: /^it has not fired yet\n$/ },
  {
    args: "schedules history nigthly",
    code: 1,
    out: EMPTY,
    err: /^✗ gqm: schedule not found at \S+\n$/,
  },
  { args: "schedules trigger nightly", out: /^✓ nightly triggered: job \S+\n$/ },
  {
    args: "schedules history nightly --json",
    json: ([fire]: { kind: string }[]) => fire!.kind === "trigger",
  },
  { args: "workers running --json", json: (running: unknown[]) => running.length === 2 },
  {
    args: "schedules show nightly --json",
    json: ({ cron }: { cron: string }) => cron === "30 3 * * 1-5",
  },
  ...["pause", "resume", "trigger"].map((verb): Row => ({
    args: `schedules ${verb} nightly --json`,
    json: ({ ok }: { ok: boolean }) => ok,
  })),
  { args: "schedules delete each-hour", code: 1, terminal: { typed: [""] }, err: /Canceled/ },
  { args: "schedules delete nightly --yes --json", json: ({ ok }: { ok: boolean }) => ok },
  { args: "schedules delete each-hour -y", out: /^✓ each-hour deleted\n$/ },
  { args: "schedules show each-hour", code: 1, err: /^✗ gqm: schedule not found at \S+\n$/ },
  { args: "stats", out: /^ready +\d+\n[\s\S]*^Workers +1 server, 2 of 12 slots in use$/m },
  {
    args: "stats --json",
    json: ({ counts }: { counts: { processing: number } }) => counts.processing === 2,
  },
];

function words(line: string): string[] {
  return line === "" ? [] : line.split(" ");
}

async function call(row: Row, more: readonly string[] = []): Promise<void> {
  const terminal = new TestTerminal(row.terminal);
  const code = await runCommand([...words(row.args), ...more], terminal);
  const seen = `gqm ${row.args}\n${terminal.stdout}${terminal.stderr}`;
  assertEquals(code, row.code ?? 0, seen);
  if (row.out !== undefined) assertMatch(terminal.stdout, row.out, seen);
  if (row.err !== undefined) assertMatch(terminal.stderr, row.err, seen);
  else assertEquals(terminal.stderr, "", seen);
  if (row.json !== undefined) assert(row.json(JSON.parse(terminal.stdout) as never), seen);
}

/** Calls all, and tells of all that went wrong. */
async function callAll(rows: readonly Row[], more: readonly string[]): Promise<void> {
  const failures: unknown[] = [];
  for (const row of rows) await call(row, more).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("\n"));
}

async function withWorld(use: (world: BrowserWorld, url: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gqm-cli-" });
  try {
    const file = `${folder}/gqm.db`;
    await using world = await startWorld({ isOpen: true, store: () => sqliteStore(file) });
    await use(world, `sqlite:${file}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("commands look into a store", () =>
  withWorld(async (_, url) => {
    await callAll(asking, ["--store", url]);
  }));

Deno.test("commands ask a monitor", () =>
  withWorld(async ({ url }) => {
    await callAll(asking, [`--api-url=${url}/`]);
  }));

Deno.test("commands that ask nobody", () =>
  withWorld(async (_, url) => {
    const rows = alone.map((row) => ({ ...row, args: row.args.replace("STORE", url) }));
    await callAll(rows, []);
  }));

Deno.test("every flag of every command is in a row", () => {
  const called = [...asking, ...alone].map(({ args }) => words(args));
  const missing = allCommands(commands).flatMap(([name, { flags = {} }]) =>
    Object.entries(flags).flatMap(([flag, { short }]) => {
      if (["api-url", "api-key", "store"].includes(flag)) return [];
      const isIn = called.some((args) =>
        meant(args) === name && [`--${flag}`, `-${short}`].some((one) => args.includes(one))
      );
      return isIn ? [] : [`${name} --${flag}`];
    })
  );
  assertEquals(missing.filter((one) => !ELSEWHERE.test(one) && !UNENDING.includes(one)), []);
});

Deno.test("every command has a usage with examples that it takes", () => {
  for (const [name, { usage, check, summary }] of allCommands(commands)) {
    assertMatch(usage, new RegExp(`^Usage: gqm ${name}`), name);
    assert(summary.length < 80 && !summary.endsWith("."), summary);
    const examples = usage.split("Examples:\n")[1]?.trimEnd().split("\n") ?? [];
    if (check === undefined) continue;
    assert(examples.length > 0, `${name} has no example`);
    for (const example of examples) {
      const called = `gqm ${name}`;
      // The usual command of a group is called by the group's name.
      const own = example.trim().startsWith(called)
        ? called
        : called.split(" ").slice(0, -1).join(" ");
      const args = example.trim().slice(own.length).trim().replace(
        /(?:^| )[<>] ?\S+$/,
        "",
      );
      check(
        args === ""
          ? []
          : words(args.replaceAll(/'([^']*)'/g, (_, text) => text.replaceAll(" ", "_"))),
      );
    }
  }
});

/** The commands below, with the names that call them. */
function allCommands(
  some: Readonly<Record<string, Command>>,
  before = "",
): (readonly [string, Command])[] {
  return Object.entries(some).flatMap(([name, command]) => [
    [before + name, command] as const,
    ...allCommands(command.commands ?? {}, `${before}${name} `),
  ]);
}

/** The command that words call. */
function meant(args: readonly string[]): string {
  const [first = "", second = ""] = args;
  const below = commands[first]?.commands;
  return below === undefined ? first : Object.hasOwn(below, second) ? `${first} ${second}` : "";
}
