/** `docs/options.md` has all options, and all errors with their codes. */

import { assertEquals } from "@std/assert";
import * as config from "../../src/config/mod.ts";
import * as library from "../../mod.ts";

const read = (path: string): string =>
  Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));

const page = read("docs/options.md");

/** Text of the page below a heading, up to the next one of its level. */
function section(heading: string): string {
  const [, text] = page.split(`\n## ${heading}\n`);
  if (text === undefined) throw new Error(`Cannot find section as it must be there: ${heading}`);
  return text.split("\n## ")[0]!;
}

/** What stands in code in the first column of a section's tables. */
function named(text: string): string[] {
  const cells = text.split("\n").flatMap((line) => /^\| (.*?) \|/.exec(line)?.[1] ?? []);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
}

/** Names of the members of an interface. */
function members(path: string, name: string): string[] {
  const body = new RegExp(`interface ${name}\\b[^]*?\\{\n([^]*?)\n\\}`).exec(read(path))?.[1];
  if (body === undefined) {
    throw new Error(`Cannot find interface as it must be in ${path}: ${name}`);
  }
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, member]) => member!);
}

const runLimits = members("src/run/handler.ts", "RunLimits");

const sections: readonly (readonly [heading: string, options: readonly string[]])[] = [
  ["`client.enqueue(type, payload, options)`", [
    ...members("src/enqueue/options.ts", "EnqueueOptions"),
    ...members("src/job/job.ts", "JobRetention"),
  ]],
  [
    "`client.background(options)`",
    members("src/enqueue/background_options.ts", "BackgroundOptions"),
  ],
  ["`server.handle(type, handler, options)`", [
    ...members("src/run/handler.ts", "HandlerOptions"),
    ...runLimits,
  ]],
  ["`server.pool(options)`", [
    ...members("src/run/pool_plan.ts", "PoolOptions"),
    ...members("src/run/thread_options.ts", "ThreadOptions"),
    ...runLimits,
  ]],
  ["`new Server(options)`", [
    ...members("src/run/server_options.ts", "ServerOptions"),
    ...runLimits,
  ]],
  ["`new Client(options)`", members("src/enqueue/client.ts", "ClientOptions")],
  ["`new Consumer(options)`", [
    ...members("src/run/consumer_options.ts", "ConsumerOptions"),
    ...members("src/run/consumer_options.ts", "ClaimOptions"),
    "maxRetry",
    "backoff",
  ]],
  ["Schedules", [
    ...members("src/schedule/options.ts", "ScheduleRules"),
    "type",
    "payload",
  ]],
  ["Backoff", members("src/job/backoff.ts", "BackoffPolicy")],
  ["Monitor", [
    ...members("src/monitor/options.ts", "MonitorOptions").filter((name) =>
      !["store", "tracing", "dashboard", "logger", "logLevel", "clock"].includes(name)
    ),
    ...members("src/monitor/serve.ts", "ServeMonitorOptions").filter((name) => name !== "signal"),
    ...members("src/monitor/auth/options.ts", "AuthOptions"),
  ]],
];

for (const [heading, options] of sections) {
  Deno.test(`docs/options.md names each option of ${heading}`, () => {
    assertEquals(named(section(heading)).sort(), [...options].sort());
  });
}

Deno.test("docs/options.md names each error that is exported, with its code", async () => {
  const classes = Object.entries({ ...library, ...config })
    .filter(([name, value]) =>
      typeof value === "function" && value.prototype instanceof library.GqmError &&
      name !== "GqmError"
    )
    .map(([name]) => name);
  const codes = await codesOf("src");
  assertEquals(
    [...section("Errors").matchAll(/^\| `(\w+)` +\| `(\w+)` +\|/gm)]
      .map(([, name, code]) => `${name} ${code}`)
      .sort(),
    classes.map((name) => `${name} ${codes.get(name)}`).sort(),
  );
});

/** The code of each class of errors below a folder. */
async function codesOf(folder: string): Promise<Map<string, string>> {
  const codes = new Map<string, string>();
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(`../../${folder}`, import.meta.url))
  ) {
    const path = `${folder}/${name}`;
    if (isDirectory) { for (const entry of await codesOf(path)) codes.set(...entry); }
    if (!name.endsWith(".ts") || name.endsWith(".gen.ts")) continue;
    const found = read(path).matchAll(
      /class (\w+) extends \w+ \{(?:(?!\nexport )[^])*?\bcode(?:: \w+)? = "(\w+)"/g,
    );
    for (const [, error, code] of found) codes.set(error!, code!);
  }
  return codes;
}
