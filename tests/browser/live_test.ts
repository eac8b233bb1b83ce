/** What happens while a page is open: the stream of events, and what the page does without one. */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { memoryStore } from "../../mod.ts";
import { DecoratedStore, StoreDownError, type Verb } from "../support/decorated_store.ts";
import { browserTest } from "./support/browser.ts";
import { turn } from "./support/in_page.js";
import { Wire } from "./support/wire.ts";

/** What the page says of its connection. */
function connection(page: Page, text: string): Promise<void> {
  return page.getByRole("navigation").getByText(text, { exact: true }).waitFor();
}

/** Waits for a job to be in the list. */
function job(page: Page, id: string): Promise<void> {
  return page.getByRole("row").filter({ hasText: id }).waitFor();
}

/** The paths of what the page asks for from now on. */
function asked(page: Page): string[] {
  const paths: string[] = [];
  page.on("request", (request) => paths.push(new URL(request.url()).pathname));
  return paths;
}

browserTest("what happens is shown as it happens", async ({ world, open }) => {
  const { page } = await open({ at: "/jobs?status=scheduled" });
  await connection(page, "Live");
  await world.client.enqueue("report.write", {}, { id: "new-1", delayMs: 86_400_000 });
  await job(page, "new-1");
});

browserTest("a page that finds no monitor keeps what it shows, and goes on by itself", async ({
  world,
  open,
}) => {
  using wire = new Wire(world.url);
  const visit = await open({ at: "/jobs?status=scheduled", via: wire.url });
  visit.expect(/^failed: .* net::ERR_(?:CONNECTION|EMPTY|INCOMPLETE|SOCKET)/);
  const { page } = visit;
  await connection(page, "Live");
  wire.cut();
  await page.getByRole("alert").getByText("The monitor does not answer").waitFor();
  await page.getByText(/^Lost .*ago/).waitFor();
  await connection(page, "No monitor");
  await job(page, "later-1");
  await world.client.enqueue("report.write", {}, { id: "new-1", delayMs: 86_400_000 });
  wire.mend();
  await job(page, "new-1");
  await page.getByRole("alert").waitFor({ state: "detached" });
  await connection(page, "Live");
});

/** What the pages read. */
const READS: readonly Verb[] = [
  ...["paused", "limits", "schedules", "servers", "info", "getJobs", "list", "page"] as const,
  ...["counts", "oldest", "sample", "series", "totals", "days", "memos", "watchEvents"] as const,
];

/** A store that can be away. */
class Away extends DecoratedStore {
  turn(isAway: boolean): void {
    const down = (): Promise<never> => Promise.reject(new StoreDownError("down"));
    for (const verb of READS) this.on(verb, isAway ? down as never : undefined);
  }
}

browserTest("a page tells that the store is away, and goes on by itself", async ({
  world,
  open,
}) => {
  const visit = await open({ at: "/queues" });
  const { page } = visit;
  await page.getByRole("link", { name: "reports" }).waitFor();
  const store = world.store as Away;
  store.turn(true);
  await page.getByRole("alert").getByText("The store does not answer").waitFor();
  await page.getByRole("link", { name: "reports" }).waitFor();
  store.turn(false);
  await page.getByRole("alert").waitFor({ state: "detached" });
  await world.client.enqueue("report.write", {}, { queue: "fresh", delayMs: 86_400_000 });
  await page.getByRole("link", { name: "fresh" }).waitFor();
  // What was asked meanwhile, if anything was.
  visit.allow(/^50[03] GET \/api\//);
}, { store: () => new Away(memoryStore()) });

browserTest(
  "a page that opens while the store is away tells so, and goes on by itself",
  async ({ world, open }) => {
    const store = world.store as Away;
    const visit = await open({ at: "/queues" });
    visit.expect(/^500 GET \/auth\/session$/);
    visit.allow(/^50[03] GET \/api\//);
    const { page } = visit;
    store.turn(true);
    await page.reload();
    await page.getByRole("alert").getByText("The store does not answer").waitFor();
    store.turn(false);
    await page.getByRole("link", { name: "reports" }).waitFor();
  },
  { store: () => new Away(memoryStore()) },
);

browserTest("a page for which there is no stream asks now and then", async ({ world, open }) => {
  const first = await open({ at: "/jobs?status=scheduled" });
  await connection(first.page, "Live");
  const second = await open({ at: "/jobs?status=scheduled" });
  second.expect(/^429 GET \/api\/v1\/events$/);
  const { page } = second;
  await page.clock.install();
  await page.reload();
  await connection(page, "Refreshing");
  await world.client.enqueue("report.write", {}, { id: "new-1", delayMs: 86_400_000 });
  await page.clock.runFor(20_000);
  await job(page, "new-1");
}, { live: { maxViewersPerClient: 1 } });

browserTest("a hidden page asks for nothing, and is fresh as soon as it is seen", async ({
  world,
  open,
}) => {
  const { page } = await open({ at: "/jobs?status=scheduled" });
  await page.clock.install();
  await page.reload();
  await connection(page, "Live");
  const closed = page.waitForEvent("requestfailed", (one) => one.url().endsWith("/events"));
  await page.evaluate(turn, "hidden");
  await page.clock.runFor(1000);
  await closed;
  const paths = asked(page);
  await world.client.enqueue("report.write", {}, { id: "new-1", delayMs: 86_400_000 });
  await page.clock.runFor(300_000);
  assertEquals(paths, []);
  await page.evaluate(turn, "visible");
  await job(page, "new-1");
  await connection(page, "Live");
});

browserTest("who was logged out elsewhere logs in again, and is where they were", async ({
  world,
  open,
}) => {
  const visit = await open({ at: "/jobs?status=scheduled" });
  visit.expect(/^401 GET \/api\/v1\//);
  const { page } = visit;
  await connection(page, "Live");
  const cookies = await page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const headers = { cookie, "x-gqm-csrf": "1" };
  const left = await fetch(`${world.url}/auth/logout`, { method: "POST", headers });
  assertEquals(await left.json(), { ok: true });
  await page.getByText("The session has ended").waitFor();
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill(world.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await job(page, "later-1");
  assertEquals(new URL(page.url()).hash, "#/jobs?status=scheduled");
});
