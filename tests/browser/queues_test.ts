/** Queues: how much each holds, pausing and emptying them, and one queue with its types. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import type { BrowserWorld } from "./support/world.ts";
import { memoryStore } from "../../mod.ts";
import { systemClock } from "../../src/clock.ts";
import { browserTest, looks, type Visit } from "./support/browser.ts";
import { hasLine } from "./support/in_page.js";
import { until } from "./support/until.ts";

function row(page: Page, queue: string): Locator {
  return page.getByRole("table", { name: "Queues" }).getByRole("row").filter({
    has: page.getByRole("link", { name: queue, exact: true }),
  });
}

/** Waits until the list has these queues, in this order. */
async function lists(page: Page, names: readonly string[]): Promise<void> {
  const first = page.getByRole("table", { name: "Queues" }).locator("tbody tr td:first-child a");
  const wanted = names.join();
  await until(async () => (await first.allInnerTexts()).join() === wanted, `queues: ${wanted}`);
}

function button(page: Page, name: string): Locator {
  return page.getByRole("button", { name, exact: true });
}

/** Puts jobs into a paused queue. */
async function fillPaused(world: BrowserWorld, queue: string, n: number): Promise<void> {
  await world.client.control.pause({ queue });
  await world.client.enqueueMany(
    Array.from({ length: n }, (_, i) => ({
      type: "report.write",
      payload: i,
      options: { queue, id: `${queue}-${i + 1}` },
    })),
  );
}

async function statusOf(world: BrowserWorld, id: string): Promise<string | undefined> {
  return (await world.client.getJob(id))?.status;
}

async function closed(page: Page): Promise<void> {
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

for (const look of looks) {
  browserTest(
    `queues say what they hold: ${look.theme}, ${look.width} px`,
    async ({ open }) => {
      const visit = await open({ ...look, at: "/queues" });
      const { page } = visit;
      await lists(page, ["default", "mail", "orders", "reports", "video"]);
      await row(page, "mail").getByRole("link", { name: "3", exact: true }).waitFor();
      await row(page, "reports").getByText("paused").waitFor();
      assertEquals(await page.getByText("paused", { exact: true }).count(), 2);
      await visit.fits();
      await row(page, "mail").getByRole("link", { name: "mail" }).click();
      await page.getByRole("heading", { name: /^Queues.*mail$/, level: 1 }).waitFor();
      await visit.settled();
      await page.getByText("3 jobs failed for good").waitFor();
      await visit.fits();
    },
  );
}

/** How far the store's clock is ahead: what is to do is sampled once in a minute. */
let aheadMs = 0;
const clock = { ...systemClock, now: () => Date.now() + aheadMs };

browserTest(
  "what is to do is shown over time, of all queues and of one",
  async ({ open, world }) => {
    aheadMs = 60_000;
    await world.store.sample();
    for (const at of ["/queues", "/queues/reports"]) {
      const { page } = await open({ at });
      const depth = page.getByRole("img", { name: /^Jobs to do\. Latest: ready [34], / });
      await until(() => depth.evaluate(hasLine, "--accent"), "a line of what is ready");
    }
  },
  { store: () => memoryStore({ clock }) },
);

browserTest("the URL holds the filters and the order of queues", async ({ open }) => {
  const visit = await open({ at: "/queues" });
  const { page } = visit;
  await page.getByLabel("Order", { exact: true }).selectOption("most dead letters first");
  await lists(page, ["mail", "default", "orders", "reports", "video"]);
  await page.getByLabel("Part of the name").fill("OR");
  await lists(page, ["orders", "reports"]);
  await page.getByLabel("Which", { exact: true }).selectOption("paused");
  await lists(page, ["reports"]);
  assertMatch(page.url(), /order=dead&q=OR&state=paused$/);
  await page.reload();
  await visit.settled();
  await lists(page, ["reports"]);
  assertEquals(await page.getByLabel("Part of the name").inputValue(), "OR");
  await page.getByLabel("Part of the name").fill("none such");
  await page.getByText("No queue is such").waitFor();
});

browserTest("a queue is paused and resumed", async ({ open, world }) => {
  const visit = await open({ at: "/queues" });
  const { page } = visit;
  await button(page, "Pause queue mail").press("Enter");
  await button(page, "Resume queue mail").waitFor();
  await row(page, "mail").getByText("paused").waitFor();
  assert(await world.client.control.isPaused({ queue: "mail" }));
  await world.client.enqueue("email.send", {}, { queue: "mail", id: "held" });
  await row(page, "mail").getByRole("link", { name: "1", exact: true }).first().waitFor();

  for (const at of ["/", "/limits"]) {
    await visit.go(at);
    await page.locator("main").getByText("mail").first().waitFor();
  }
  await visit.go("/queues/mail");
  await page.getByText("paused", { exact: true }).first().waitFor();
  assertEquals(await statusOf(world, "held"), "ready");
  await button(page, "Resume queue mail").click();
  await button(page, "Pause queue mail").waitFor();
  await until(async () => await statusOf(world, "held") === "completed", "held is completed");
});

browserTest("emptying a queue asks, and cancels what is ready", async ({ open, world }) => {
  await fillPaused(world, "drain", 3);
  const visit = await open({ at: "/queues" });
  const { page } = visit;
  const empty = button(page, "Empty queue drain");
  await empty.click();
  await page.getByText("Cancels all jobs of drain that are ready: 3 jobs now").waitFor();
  await button(page, "Keep as it is").click();
  await closed(page);
  assertEquals(await statusOf(world, "drain-1"), "ready");
  await empty.click();
  await button(page, "Cancel 3 jobs").click();
  await page.getByText("3 jobs canceled").waitFor();
  assertEquals(await statusOf(world, "drain-3"), "canceled");
  await until(() => empty.isDisabled(), "there is nothing more to empty");
});

browserTest("the name is typed before many jobs are canceled", async ({ open, world }) => {
  await fillPaused(world, "many", 101);
  const visit = await open({ at: "/queues/many", width: 360 });
  const { page } = visit;
  await button(page, "Empty queue many").click();
  const sure = button(page, "Cancel 101 jobs");
  assert(await sure.isDisabled());
  await page.getByRole("dialog").getByRole("textbox").fill("many");
  await sure.click();
  await page.getByText("101 jobs canceled").waitFor();
  assertEquals(await statusOf(world, "many-101"), "canceled");
});

browserTest("a queue shows its types, and each can be paused", async ({ open, world }) => {
  const { control } = world.client;
  const visit = await open({ at: "/queues/mail", theme: "dark" });
  const { page } = visit;
  const types = page.getByRole("table", { name: "Types in mail" });
  const bounce = types.getByRole("row").filter({ hasText: "email.bounce" });
  await button(page, "Pause email.bounce in mail").click();
  await page.getByText("email.bounce is paused in mail").waitFor();
  await bounce.getByText("paused", { exact: true }).waitFor();
  assert(await control.isPaused({ queue: "mail", type: "email.bounce" }));
  await visit.go("/queues");
  await row(page, "mail").getByText("1 type paused").waitFor();
  await page.goBack();
  await control.pause({ type: "email.bounce" });
  await button(page, "Resume email.bounce in mail").click();
  await page.getByText("still paused by another switch").waitFor();
  await bounce.getByRole("link", { name: /paused.*in all queues/ }).click();
  await button(page, "Resume email.bounce in all queues").click();
  await page.getByText("email.bounce in all queues is resumed").waitFor();
  assertEquals(await control.isPaused({ type: "email.bounce" }), false);

  await page.goBack();
  await visit.settled();
  await types.getByRole("link", { name: "email.send" }).click();
  await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
  await page.getByRole("row").filter({ hasText: "sent-1" }).first().waitFor();
  assertMatch(page.url(), /queue=mail&type=email\.send/);
});

browserTest("dead letters of a queue are retried, and cleared", async ({ open, world }) => {
  const visit = await open({ at: "/queues/mail" });
  const { page } = visit;
  await world.client.control.pause({ queue: "mail" });
  await button(page, "Retry all…").click();
  await button(page, "Retry 3 dead letters").click();
  await page.getByText("3 jobs retried").waitFor();
  assertEquals(await statusOf(world, "bounce-2"), "ready");
  await page.getByText("None: no job has failed for good.").waitFor();
  await visit.go("/queues/default");
  await button(page, "Clear…").click();
  await page.getByText("Removes 1 dead letter of default for good").waitFor();
  await button(page, "Remove 1 dead letter").click();
  await page.getByText("1 job removed").waitFor();
  assertEquals(await statusOf(world, "crash-1"), undefined);
});

browserTest("a queue that there is not is said so, until there is", async ({ open, world }) => {
  const visit = await open({ at: "/queues/drain" });
  visit.expect(/^404 GET .*drain/);
  const { page } = visit;
  await page.getByText("There is no queue drain").waitFor();
  await fillPaused(world, "drain", 1);
  await page.getByRole("link", { name: "report.write" }).first().waitFor();
  await visit.settled();
  await page.getByRole("link", { name: "report.write" }).first().click();
  await page.getByRole("heading", { name: /drain-1/ }).waitFor();
});

browserTest("nobody is shown what they may not do with a queue", async ({ open }) => {
  const shows = async (visit: Visit, counts: readonly number[]): Promise<void> => {
    const names = [/^Pause|^Resume/, /^Empty/, /^Retry all/, /^Clear/];
    for (const [i, name] of names.entries()) {
      assertEquals(await visit.page.getByRole("button", { name }).count(), counts[i], `${name}`);
    }
  };
  for (
    const [as, list, one] of [
      ["vera", [0, 0, 0, 0], [0, 0, 0, 0]],
      ["otto", [5, 0, 0, 0], [3, 0, 1, 0]],
      ["mel", [1, 0, 0, 0], [3, 0, 1, 0]],
      ["ada", [5, 5, 0, 0], [3, 1, 1, 1]],
    ] as const
  ) {
    const visit = await open({ as, at: "/queues" });
    await row(visit.page, "mail").waitFor();
    assertEquals(await row(visit.page, "video").count(), as === "mel" ? 0 : 1);
    await shows(visit, list);
    await visit.go("/queues/mail");
    await visit.page.getByRole("table", { name: "Types in mail" }).waitFor();
    await shows(visit, one);
  }
});

browserTest("there is no queue yet", async ({ open }) => {
  const visit = await open({ at: "/queues" });
  await visit.page.getByText("There is no queue yet").waitFor();
}, { isEmpty: true });
