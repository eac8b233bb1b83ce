/**
 * How fast the dashboard is in Chromium with many retained jobs and a large graph, while jobs run.
 *
 *   deno run -A $(deno run -A tools/std.ts) bench/monitor/dashboard.ts [sqlite|redis]
 *     [--jobs N] [--nodes N] [--rounds N]
 *
 * Exits with 1 if the p95 of a first paint is above a second, or that of what is done above 200 ms.
 */

import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { type Browser, chromium, type Page } from "playwright-core";
import { Client, redisStore, sqliteStore } from "../../mod.ts";
import { findBrowser } from "../../tools/test/browser.ts";
import { markdownTable } from "../markdown_table.ts";
import { fill } from "../million/fill.ts";
import { percentile } from "../percentile.ts";
import { machine, places } from "../stores.ts";
import { graph, list, type Scene } from "./actions.ts";
import { begin, end, install, isSeen } from "./in_page.js";
import { start } from "./start.ts";

const PAINT_MS = 1000;
const ACTION_MS = 200;
const PROCESS = new URL("process.ts", import.meta.url).pathname;
const ROOT = "bench-graph";
/** Jobs beside each other: the API goes 20 steps. */
const WIDE = 25;

/** What was measured of something that was done. */
interface Seen {
  /** NaN if nothing was waited for. */
  readonly shownMs: number;
  readonly eventMs: number;
  readonly taskMs: number;
  readonly frameMs: number;
  /** CPU of the page's main thread, which the load of the machine does not change much. */
  readonly cpuMs: number;
}

/** Columns of jobs, each of which waits for two of the column before. */
async function enqueueGraph(client: Client, size: number): Promise<void> {
  const step = { type: "bench.step", payload: {} };
  const parents = (i: number): string[] =>
    i < WIDE ? ["root"] : [`${i - WIDE}`, `${i - WIDE + (i % WIDE === 0 ? 1 : -1)}`];
  await client.enqueueGraph({
    root: { ...step, options: { id: ROOT } },
    ...Object.fromEntries(
      Array.from({ length: size - 1 }, (_, i) => [`${i}`, { ...step, dependsOn: parents(i) }]),
    ),
  });
}

/** Does a scene in a browser that knows nothing yet, then opens it anew. */
async function play(
  browser: Browser,
  url: string,
  { name, at, wanted, actions }: Scene,
  told: (name: string, seen: Seen) => void,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(install, wanted);
    const cpuMs = await mainThread(page);
    let before = 0;
    const seen = async (isWaitedFor: boolean): Promise<Seen> => {
      await page.waitForFunction(isSeen);
      const { shownMs, ...others } = await page.evaluate(end);
      const now = await cpuMs();
      return { ...others, shownMs: isWaitedFor ? shownMs : NaN, cpuMs: now - before };
    };
    for (const how of ["at first", "again"]) {
      await page.goto("about:blank");
      before = await cpuMs();
      await page.goto(`${url}/dashboard/#${at}`, { waitUntil: "commit" });
      told(`${name}: open ${how}`, await seen(true));
    }
    for (const action of actions) {
      await page.evaluate(begin, action.wanted);
      before = await cpuMs();
      await action.run(page);
      told(`${name}: ${action.name}`, await seen(action.wanted !== undefined));
    }
  } finally {
    await context.close();
  }
}

/** Tells the CPU that the main thread of a page has used. */
async function mainThread(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN) * 1000;
  };
}

const { _: [kind = "sqlite"], jobs, nodes, rounds } = parseArgs(Deno.args, {
  string: ["jobs", "nodes", "rounds"],
  default: { jobs: "100000", nodes: "500", rounds: "10" },
});
const executablePath = await findBrowser();
if (executablePath === undefined) throw new Error("Cannot go on as there must be a Chromium");
await using all = new AsyncDisposableStack();
const url = (await places()).map((place) => all.use(place)).find((one) => one.kind === kind)?.url;
if (url === undefined) throw new Error(`Cannot go on as '${kind}' must be sqlite or redis`);
{
  const retention = { maxCount: 100_000_000 };
  await using store = kind === "redis"
    ? redisStore(url, { retention })
    : sqliteStore(url.replace("sqlite:", ""), { retention });
  await store.open();
  await fill(store, "retained", Number(jobs));
  await using client = new Client({ store });
  await enqueueGraph(client, Number(nodes));
}
console.error(`filled with ${jobs} retained jobs and a graph of ${nodes}`);
const monitor = all.use(await start("deno", PROCESS, url));
const browser = await chromium.launch({
  executablePath,
  args: ["--disable-background-networking"],
});
all.defer(() => browser.close());

const seenOf = new Map<string, Seen[]>();
const loads: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  for (const scene of [list, graph(ROOT, Number(nodes))]) {
    await play(browser, monitor.url, scene, (name, seen) => {
      seenOf.set(name, [...seenOf.get(name) ?? [], seen]);
    });
  }
  loads.push(Deno.loadavg()[0]!);
}

const figures = (some: readonly Seen[], name: keyof Seen): string =>
  some.some((one) => Number.isNaN(one[name]))
    ? ""
    : [0.5, 0.95, 1].map((part) => percentile(some.map((one) => one[name]), part).toFixed(0)).join(
      " / ",
    );
const rows = [...seenOf].map(([name, some]) => [
  name,
  ...(["shownMs", "eventMs", "frameMs", "taskMs", "cpuMs"] as const).map((figure) =>
    figures(some, figure)
  ),
]);
const p95 = (some: readonly Seen[], name: keyof Seen) =>
  percentile(some.map((one) => one[name]), 0.95);
const slow = [...seenOf].filter(([name, some]) =>
  name.includes(": open ") && !name.endsWith("a job")
    ? p95(some, "shownMs") > PAINT_MS
    : Math.max(p95(some, "eventMs"), p95(some, "frameMs")) > ACTION_MS
);
console.log(`\n## The dashboard with ${jobs} retained jobs and a graph of ${nodes} on ${kind}\n`);
console.log(
  `${machine()}, Chromium ${browser.version()}, ${rounds} rounds, load ${
    Math.min(...loads).toFixed(1)
  } to ${Math.max(...loads).toFixed(1)}; p50 / p95 / most in ms\n`,
);
console.log(
  markdownTable(
    ["", "until shown", "input to frame", "longest frame", "longest task", "CPU"],
    rows,
  ),
);
console.log(
  `\nTo be shown at first a page may take ${PAINT_MS} ms; of what is done, frames may take ${ACTION_MS} ms (p95). ` +
    `Above that: ${slow.map(([name]) => name).join(", ") || "none"}.`,
);
process.exitCode = slow.length === 0 ? 0 : 1;
