/** Limits and what is paused: who may change what, and what is refused. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { browserTest, looks } from "./support/browser.ts";
import { until } from "./support/until.ts";

function rows(page: Page): Locator {
  return page.getByRole("table", { name: "Limits" }).locator("tbody tr");
}

function button(page: Page, name: string): Locator {
  return page.getByRole("button", { name, exact: true });
}

async function save(page: Page): Promise<void> {
  await button(page, "Save").click();
}

for (const look of looks) {
  browserTest(
    `limits say how much of them is used: ${look.theme}, ${look.width} px`,
    async ({ open, world }) => {
      const { limits } = world.client;
      await limits.set({ type: "email.send", perKey: true }, { concurrency: 2 });
      await limits.set({ key: "tenant" }, { rate: { count: 5, perMs: 60_000, burst: 10 } });
      const visit = await open({ ...look, at: "/limits" });
      const { page } = visit;
      await rows(page).filter({ hasText: "type video.encode" }).getByText("1 of 3").waitFor();
      await rows(page).filter({ hasText: "each key of email.send" }).getByText("2 each").waitFor();
      const key = rows(page).filter({ hasText: "key tenant" });
      await key.getByText("5 per 1 m, 10 at once").waitFor();
      await key.getByText("10 may start now").waitFor();
      await page.getByRole("table", { name: "Paused" }).getByText("reports").waitFor();
      await visit.fits();

      await button(page, "Change the limit of key tenant").click();
      await page.getByRole("dialog").getByLabel("Per", { exact: true }).waitFor();
      assertEquals(await page.getByLabel("Unit of time").inputValue(), "60000");
      await visit.fits();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    },
  );
}

browserTest("a limit is made, found, changed and removed", async ({ open, world }) => {
  const visit = await open({ at: "/limits" });
  const { page } = visit;
  await button(page, "New limit…").click();
  await page.getByLabel("Holds for").selectOption("per_key");
  await page.getByLabel("Type", { exact: true }).fill("order.charge");
  await page.getByLabel("Most that run at once").fill("2");
  await page.getByLabel("Jobs", { exact: true }).fill("30");
  await page.getByLabel("Unit of time").selectOption("minutes");
  await save(page);
  await page.getByText("each key of order.charge is limited").waitFor();
  const made = { concurrency: 2, rate: { count: 30, perMs: 60_000 } };
  const find = async (): Promise<unknown> => {
    const all = await world.client.limits.list();
    const { concurrency, rate } = all.find(({ target }) =>
      "type" in target && target.type === "order.charge"
    )?.limits ?? {};
    return rate && { concurrency, rate: { count: rate.count, perMs: rate.perMs } };
  };
  assertEquals(await find(), made);

  await page.getByLabel("Part of the type or key").fill("charge");
  await until(async () => await rows(page).count() === 1, "one limit is found");
  assertMatch(page.url(), /q=charge$/);
  await page.reload();
  await visit.settled();
  assertEquals(await rows(page).count(), 1);

  await button(page, "Change the limit of each key of order.charge").click();
  await page.getByLabel("Most that run at once").fill("4");
  await save(page);
  await rows(page).getByText("4 each").waitFor();
  assertEquals(await find(), { ...made, concurrency: 4 });

  await button(page, "Delete the limit of each key of order.charge").click();
  await button(page, "Keep as it is").click();
  assertEquals(await find(), { ...made, concurrency: 4 });
  await button(page, "Delete the limit of each key of order.charge").click();
  await button(page, "Delete 1 limit").click();
  await page.getByText("each key of order.charge is no longer limited").waitFor();
  assertEquals(await find(), undefined);
  await page.getByText("No limit is such").waitFor();
});

browserTest("what cannot be a limit is refused with the rule", async ({ open, world }) => {
  const visit = await open({ at: "/limits", width: 360, theme: "dark" });
  const { page } = visit;
  const before = await world.client.limits.list();
  const alert = page.getByRole("dialog").getByRole("alert");
  await button(page, "New limit…").click();
  await page.getByLabel("Type", { exact: true }).fill("video.encode");
  await page.getByText("There is such a limit: it is replaced").waitFor();
  await save(page);
  await alert.getByText("Say how many run at once, how many start, or both").waitFor();
  await page.getByLabel("Most at once").fill("3");
  await page.getByLabel("Most that run at once").fill("1");
  await save(page);
  await alert.getByText("Say how many start, of which so many may start at once").waitFor();
  await page.getByLabel("Jobs", { exact: true }).fill("2");
  await page.getByLabel("Per", { exact: true }).fill("32");
  await page.getByLabel("Unit of time").selectOption("days");
  await save(page);
  await alert.getByText("At most 31 days").waitFor();
  // The browser itself refuses what is no number of jobs.
  await page.getByLabel("Per", { exact: true }).fill("1");
  await page.getByLabel("Most that run at once").fill("0");
  await save(page);
  await page.locator("input:invalid").waitFor();
  await page.getByLabel("Most that run at once").fill("1");
  await page.getByLabel("Holds for").selectOption("key");
  const key = page.getByLabel("Key", { exact: true });
  await key.fill("two words");
  await save(page);
  assertMatch((await key.getAttribute("title"))!, /characters a-z/);
  await page.locator("input:invalid").waitFor();
  assertEquals(await world.client.limits.list(), before);
});

browserTest("a type is paused in all queues, and resumed", async ({ open, world }) => {
  const { control } = world.client;
  const visit = await open({ as: "otto", at: "/limits" });
  const { page } = visit;
  await page.getByLabel("Type to pause in all queues").fill("email.send");
  await button(page, "Pause in all queues").click();
  await page.getByText("email.send in all queues is paused").waitFor();
  await until(() => control.isPaused({ type: "email.send" }), "the type is paused");
  await button(page, "Resume email.send in all queues").click();
  await button(page, "Resume email.send in all queues").waitFor({ state: "detached" });
  await button(page, "Resume Queue reports").click();
  await page.getByText("Nothing is paused").waitFor();
  assertEquals(await control.paused(), []);
});

browserTest("limits are changed by admins of all queues alone", async ({ open }) => {
  for (
    const [as, changes, pauses, resumes] of [
      ["ada", 3, 1, 1],
      ["otto", 0, 1, 1],
      ["vera", 0, 0, 0],
      ["mel", 0, 0, 0],
    ] as const
  ) {
    const visit = await open({ as, at: "/limits" });
    const { page } = visit;
    if (as === "mel") {
      await page.getByText("Limits are shown to those who see all queues").waitFor();
      await page.getByText("Nothing is paused").waitFor();
    } else await rows(page).filter({ hasText: "video.encode" }).waitFor();
    const counts = [/limit/, /^Pause/, /^Resume/].map((name) =>
      page.getByRole("button", { name }).count()
    );
    assertEquals(await Promise.all(counts), [changes, pauses, resumes], as);
  }
});

browserTest("nothing is limited or paused", async ({ open }) => {
  const visit = await open({ at: "/limits" });
  await visit.page.getByText("Nothing is limited").waitFor();
  await visit.page.getByText("Nothing is paused").waitFor();
}, { isEmpty: true });
