/** The first page: how it goes, now and over time, as it happens. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { browserTest, looks } from "./support/browser.ts";
import { hasLine, pressFirst, scrollOf, scrollTo } from "./support/in_page.js";
import { until } from "./support/until.ts";

/** What the world has in each status; what is ready depends on the time of the day, by a schedule. */
const COUNTS = {
  processing: 2,
  scheduled: 1,
  deferred: 2,
  retry: 1,
  "dead letter": 4,
  completed: 7,
  canceled: 1,
  stopped: 0,
};

function figure(page: Page, status: string): Locator {
  return page.getByRole("group", { name: "Jobs by status" }).getByRole("link", {
    name: new RegExp(`${status}$`),
  });
}

/** Waits until so many jobs are in a status. */
async function counted(page: Page, status: string, n: number): Promise<void> {
  await figure(page, status).getByText(String(n), { exact: true }).waitFor();
}

function chart(page: Page, title: string): Locator {
  return page.getByRole("img", { name: new RegExp(`^${title}`) });
}

for (const look of looks) {
  browserTest(
    `the overview says how it goes: ${look.theme}, ${look.width} px`,
    async ({ open }) => {
      const visit = await open(look);
      const { page } = visit;
      for (const [status, n] of Object.entries(COUNTS)) await counted(page, status, n);
      const now = page.locator("section").filter({
        has: page.getByRole("heading", { name: "Now" }),
      });
      assertMatch(await now.innerText(), /Servers\s+1\s+Slots in use\s+\d of 12/);
      assertMatch(
        await now.innerText(),
        /report\.write in reports, due (?:now|.+ ago)\s+Paused\s+reports/,
      );
      await page.getByText("8, 4 for good").waitFor();
      const times = page.getByRole("table", { name: "How long jobs waited and ran" });
      for (const name of ["Waited", "Ran"]) {
        const told = await times.getByRole("row", { name }).getByRole("cell").allInnerTexts();
        assertEquals(told.length, 3);
        for (const time of told) assertMatch(time, /^[\d.]+ (?:ms|s)$/);
      }
      await page.getByRole("listitem").filter({ hasText: "email.bounce" }).getByText("7").waitFor();
      await visit.fits();
    },
  );

  browserTest(`charts are drawn: ${look.theme}, ${look.width} px`, async ({ open }) => {
    const visit = await open(look);
    const { page } = visit;
    const ended = chart(page, "Attempts that ended");
    for (const color of ["--good", "--bad"]) {
      await until(() => ended.evaluate(hasLine, color), `a line in ${color}`);
    }
    const depth = chart(page, "Jobs to do");
    await until(() => depth.evaluate(hasLine, "--accent"), "a line of what is ready");
    for (const title of ["Waited", "Ran"]) {
      await until(() => chart(page, title).evaluate(hasLine, "--chart-3"), `a line of ${title}`);
      assertMatch((await chart(page, title).getAttribute("aria-label"))!, /p50 .+, p95 .+, p99 /);
    }
    // The legend tells what is pointed at, and the latest while nothing is.
    assertMatch(await ended.locator("table").innerText(), /completed\s*\d+[^]*failed\s*\d+/);
  });
}

browserTest("a status leads to its jobs, a failing type to its failures", async ({ open }) => {
  const visit = await open();
  const { page } = visit;
  await figure(page, "processing").click();
  await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
  await page.getByRole("row").filter({ hasText: "encode-1" }).waitFor();
  assertMatch(page.url(), /#\/jobs\?status=processing$/);
  await page.goBack();
  await page.getByRole("link", { name: "report.crash" }).click();
  await page.getByRole("heading", { name: "Failed", level: 1 }).waitFor();
  await page.getByText("<b>disk</b> is full").waitFor();
  assertEquals(await page.getByText("mailbox").count(), 0);
  await page.goBack();
  await page.getByRole("link", { name: "reports" }).last().click();
  await page.getByRole("heading", { name: "Limits", level: 1 }).waitFor();
});

browserTest("the URL says how far the charts go back", async ({ open }) => {
  const visit = await open();
  const { page } = visit;
  const windows = page.getByRole("group", { name: "Window" });
  const isChosen = (name: string): Promise<void> =>
    windows.locator(`[aria-pressed="true"]`, { hasText: name }).waitFor();
  await isChosen("15 minutes");
  for (const [name, title] of [["7d", "7 days"], ["6h", "6 hours"]] as const) {
    await windows.getByRole("button", { name: title }).click();
    await isChosen(title);
    assertMatch(page.url(), new RegExp(`window=${name}`));
    await until(
      () => chart(page, "Attempts that ended").evaluate(hasLine, "--bad"),
      `a chart of ${title}`,
    );
    // Fewer if its time has begun since they ended.
    const text = await chart(page, "Attempts that ended").getAttribute("aria-label");
    assertMatch(text!, /Latest: completed [0-7], failed [0-8]$/);
  }
  await page.reload();
  await visit.settled();
  await isChosen("6 hours");
  await visit.go("/?window=constructor");
  await isChosen("15 minutes");
});

browserTest("counts follow what happens, where the page stands", async ({ open, world }) => {
  const visit = await open({ width: 360 });
  const { page } = visit;
  await counted(page, "completed", 7);
  await chart(page, "Ran").waitFor();
  let loads = 0;
  page.on("load", () => loads++);
  await page.evaluate(scrollTo, 500);
  for (let n = 8; n <= 10; n++) {
    await world.client.enqueue("email.send", { to: n }, { queue: "mail" });
    await counted(page, "completed", n);
  }
  world.release();
  await counted(page, "processing", 0);
  await counted(page, "deferred", 0);
  await chart(page, "Ran").waitFor();
  assertEquals([await page.evaluate(scrollOf), loads], [500, 0]);
});

for (const look of [looks[0]!, looks[3]!]) {
  browserTest(
    `an empty store looks calm: ${look.theme}, ${look.width} px`,
    async ({ open }) => {
      const visit = await open(look);
      const { page } = visit;
      for (const status of ["ready", ...Object.keys(COUNTS)]) await counted(page, status, 0);
      await page.getByText("nothing waits").waitFor();
      await page.getByText("Nothing has failed").waitFor();
      await chart(page, "Attempts that ended").waitFor();
      assertEquals(await page.getByText("Nothing is known of this time").count() >= 2, true);
      await visit.fits();
    },
    { isEmpty: true },
  );
}

browserTest("the overview tells what is paused everywhere, and of several how many", async (
  { open, world },
) => {
  const { control } = world.client;
  await control.resume({ queue: "reports" });
  await control.pause({ type: "email.send" });
  const { page } = await open();
  await page.getByRole("link", { name: "email.send in all queues", exact: true }).waitFor();
  await control.pause({ queue: "mail" });
  await page.getByRole("link", { name: /^(?:email\.send in all queues|mail) and 1 other$/ })
    .waitFor();
});

browserTest("the overview says that alerts fire, and leads to them", async ({ open }) => {
  const { page } = await open({ as: "vera" });
  await page.getByRole("link", { name: "1 firing" }).click();
  await page.getByRole("heading", { name: "Firing: 1" }).waitFor();
}, { alertRules: [{ when: "failure_rate", queue: "mail", above: 0.1, minCount: 1 }] });

browserTest("the overview says that it could not be read, and tries again", async ({ open }) => {
  const visit = await open({ at: "/queues" });
  visit.expect(/^500 GET \/api\/v1\/overview$/);
  const { page } = visit;
  const refused = { error: "the store is away", code: "INTERNAL" };
  await page.route("**/api/v1/overview", (route) => route.fulfill({ status: 500, json: refused }));
  await visit.go("/");
  await page.getByRole("alert").getByText("the store is away").waitFor();
  await page.unrouteAll({ behavior: "wait" });
  const again = page.getByRole("button", { name: "Try again" });
  await until(async () => {
    await again.evaluateAll(pressFirst as never); // the page may have read it by itself
    return await again.count() === 0;
  }, "what went wrong is gone");
  await counted(page, "completed", 7);
});

browserTest("who sees one queue is told of that alone", async ({ open }) => {
  const visit = await open({ as: "mel" });
  const { page } = visit;
  await counted(page, "completed", 6);
  await counted(page, "dead letter", 3);
  await counted(page, "processing", 0);
  await page.getByText("nothing waits").waitFor();
  assertEquals(await page.getByText("Slots in use").count(), 0);
  assertEquals(await page.getByText("report").count(), 0);
});
