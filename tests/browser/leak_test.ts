/** Whoever looks at page after page for days has no slower browser for it. */

import { assertEquals } from "@std/assert";
import { browserTest, type Visit } from "./support/browser.ts";
import { countHolds, follow, holds } from "./support/in_page.js";
import { until } from "./support/until.ts";

/** Every kind of page. */
const PAGES = [
  ...["/", "/jobs", "/jobs/bounce-1", "/failed", "/queues", "/queues/mail", "/servers"],
  ...["/schedules", "/schedules/nightly", "/schedules?new=1", "/dag", "/dag/order-1", "/limits"],
  ...["/alerts", "/operations", "/audit", "/jobs/encode-1", "/jobs?status=completed"],
];
/** A page on which nothing is read. */
const NOTHING = "/nothing";
const CHANGES = 200;
/**
 * What may be more, in nodes, listeners and bytes: the browser keeps something of the last page, and code that it
 * has compiled. A part of each page that stayed would be far more.
 */
const ROOM = { nodes: 500, listeners: 100, heap: 2_000_000 };

/** What a browser holds. */
interface Held {
  readonly listeners: number;
  /** Listeners of the window and of the document. */
  readonly global: readonly string[];
  readonly nodes: number;
  readonly documents: number;
  readonly heap: number;
}

browserTest("200 page changes leave nothing behind", async ({ open }) => {
  const visit = await open();
  await visit.page.addInitScript(countHolds);
  await visit.page.reload();
  // Twice, as pages are loaded the first time and compiled the second.
  for (const at of [...PAGES, ...PAGES]) await change(visit, at);
  const measure = await measurer(visit);
  const before = await measure();
  for (let n = 0; n < CHANGES; n++) await change(visit, PAGES[n % PAGES.length]!);
  let after = await measure();
  // What is no longer used may go a little later.
  await until(async () => {
    after = await measure();
    const { nodes, listeners, heap } = ROOM;
    return after.nodes < before.nodes + nodes && after.heap < before.heap + heap &&
      after.listeners < before.listeners + listeners;
  }, "what was there is gone").catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify({ before, after })}`);
  });
  assertEquals(after.documents, before.documents);
  assertEquals(after.global, before.global);
});

async function change({ page }: Visit, at: string): Promise<void> {
  await page.evaluate(follow, at);
  await page.locator("#main h1").waitFor();
  await page.locator(".loading").first().waitFor({ state: "detached" });
}

/** Tells what the browser holds while nothing is shown that could hold anything. */
async function measurer(visit: Visit): Promise<() => Promise<Held>> {
  const { page } = visit;
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  return async () => {
    await change(visit, NOTHING);
    await until(async () => (await page.evaluate(holds)).timers === 0, "no timer waits");
    await cdp.send("HeapProfiler.collectGarbage");
    const { metrics } = await cdp.send("Performance.getMetrics");
    const of = (name: string): number => metrics.find((one) => one.name === name)!.value;
    return {
      listeners: of("JSEventListeners"),
      global: (await page.evaluate(holds)).listeners,
      nodes: of("Nodes"),
      documents: of("Documents"),
      heap: of("JSHeapUsedSize"),
    };
  };
}
