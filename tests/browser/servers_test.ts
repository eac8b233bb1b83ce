/** Who works: servers, their pools, and the jobs that run. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { browserTest, looks } from "./support/browser.ts";
import { until } from "./support/until.ts";

function rows(page: Page, table: string): Locator {
  return page.getByRole("table", { name: table, exact: true }).locator("tbody tr");
}

function button(page: Page, name: string): Locator {
  return page.getByRole("button", { name, exact: true });
}

for (const look of looks) {
  browserTest(
    `servers say what they do: ${look.theme}, ${look.width} px`,
    async ({ open }) => {
      const visit = await open({ ...look, at: "/servers" });
      const { page } = visit;
      const all = page.getByLabel("All servers");
      await all.getByText("2 of 12").waitFor();
      await all.getByText("none").waitFor();
      assertMatch(await all.innerText(), /Servers\s+1\s+Stale\s+.+\s+Pools\s+2/);
      assertMatch(await rows(page, "Servers").innerText(), /now|ago/);
      await rows(page, "Pools").filter({ hasText: "mail" }).getByText("0 of 4").waitFor();
      await rows(page, "Pools").filter({ hasText: "rest" }).getByText("2 of 8").waitFor();
      await rows(page, "Jobs that run").filter({ hasText: "video.encode" }).waitFor();
      await page.getByRole("heading", { name: "Running · 2" }).waitFor();
      await visit.fits();
    },
  );
}

browserTest("a server leads to its pools and back", async ({ open }) => {
  const visit = await open({ at: "/servers" });
  const { page } = visit;
  await rows(page, "Servers").getByRole("link").click();
  await page.getByRole("heading", { name: /^Pools of / }).waitFor();
  assertMatch(page.url(), /server=/);
  assertEquals(await rows(page, "Pools").count(), 2);
  await button(page, "Show all servers").click();
  await page.getByRole("heading", { name: "Pools", exact: true }).waitFor();
  await visit.go("/servers?server=gone");
  await page.getByText("This server is gone").waitFor();
});

browserTest("a server that is not heard is stale", async ({ open }) => {
  const visit = await open({ at: "/queues" });
  const { page } = visit;
  await page.route("**/api/v1/pools*", async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    for (const pool of answer.data) pool.heartbeat_age_ms = pool.lease_ms;
    await route.fulfill({ response, json: answer });
  });
  await visit.go("/servers");
  await rows(page, "Servers").getByText("stale").waitFor();
  await rows(page, "Pools").filter({ hasText: "mail" }).getByText("stale").waitFor();
  assertMatch(await page.getByLabel("All servers").innerText(), /Stale\s+1/);
  await page.unrouteAll({ behavior: "wait" });
});

browserTest(
  "how long a job runs goes on, and what runs can be canceled",
  async ({ open, world }) => {
    const visit = await open({ at: "/servers", theme: "dark" });
    const { page } = visit;
    const running = rows(page, "Jobs that run");
    const encode = running.filter({ hasText: "encode-1" });
    await encode.getByText("40 %").waitFor();
    const time = encode.locator("td").nth(2);
    const first = await time.innerText();
    await until(async () => await time.innerText() !== first, "its time goes on");

    await button(page, "Cancel video.encode encode-1").click();
    await button(page, "Keep as it is").click();
    await button(page, "Cancel video.encode encode-1").click();
    await button(page, "Cancel 1 job").click();
    await page.getByText("1 job canceled").waitFor();
    await until(
      async () => (await world.client.getJob("encode-1"))?.status === "canceled",
      "encode-1 is canceled",
    );
    await encode.waitFor({ state: "detached" });

    await running.filter({ hasText: "charge-1" }).getByRole("checkbox").check();
    await button(page, "Cancel 1 chosen").click();
    await button(page, "Cancel 1 job").click();
    await page.getByText("Nothing runs").waitFor();
  },
);

browserTest("what runs is filtered and ordered by the URL", async ({ open }) => {
  const visit = await open({ at: "/servers?queue=video&order=newest" });
  const { page } = visit;
  const running = rows(page, "Jobs that run");
  await running.filter({ hasText: "encode-1" }).waitFor();
  assertEquals(await running.count(), 1);
  assertEquals(await button(page, "Newest").getAttribute("aria-pressed"), "true");
  await button(page, "queue: video ×").click();
  await running.filter({ hasText: "charge-1" }).waitFor();
  assertMatch(page.url(), /servers\?order=newest$/);
  await running.filter({ hasText: "charge-1" }).getByRole("link", { name: "order.charge" }).click();
  await page.getByRole("heading", { name: /charge-1/ }).waitFor();
});

browserTest(
  "viewers cancel nothing, and who sees one queue sees its jobs alone",
  async ({ open }) => {
    const { page } = await open({ as: "vera", at: "/servers" });
    await rows(page, "Jobs that run").filter({ hasText: "encode-1" }).waitFor();
    assertEquals(await page.getByRole("button", { name: /^Cancel/ }).count(), 0);
    assertEquals(await page.getByRole("checkbox").count(), 0);
    const mel = await open({ as: "mel", at: "/servers" });
    await mel.page.getByText("Servers are shown to those who see all queues").waitFor();
    await mel.page.getByText("Nothing runs").waitFor();
  },
);
