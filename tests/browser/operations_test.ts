/** What was done with many jobs: by whom, with which, how far it is, and what came of it. */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { memoryStore } from "../../mod.ts";
import { DecoratedStore } from "../support/decorated_store.ts";
import { gate } from "../support/world.ts";
import { browserTest, looks } from "./support/browser.ts";
import { until } from "./support/until.ts";
import type { BrowserWorld } from "./support/world.ts";

const [light, , , darkPhone] = looks;

/** Asks for an operation as whoever has opened the page; gives its id. */
async function order(page: Page, { url }: BrowserWorld, data: unknown): Promise<string> {
  const response = await page.request.post(`${url}/api/v1/operations`, {
    data,
    headers: { "x-gqm-csrf": "1" },
  });
  assertEquals(response.status(), 202, await response.text());
  return (await response.json()).data.id;
}

for (const look of [light!, darkPhone!]) {
  browserTest(
    `operations are listed, each with what came of it: ${look.theme}, ${look.width} px`,
    async ({ world, open }) => {
      await world.client.enqueueGraph({
        first: { type: "report.crash", options: { id: "first-1" } },
        second: { type: "order.ship", dependsOn: ["first"], options: { id: "second-1" } },
      });
      const second = async () => (await world.client.getJob("second-1"))?.status;
      await until(async () => await second() === "canceled", "second-1 is canceled");
      const otto = await open({ as: "otto" });
      const reason = "the mail server is back";
      await order(otto.page, world, {
        ...{ action: "retry", reason },
        query: { status: ["dead_letter"], queue: "mail" },
      });
      await order(otto.page, world, { action: "retry", query: { status: ["canceled"] } });

      const visit = await open({ ...look, as: "vera", at: "/operations" });
      const { page } = visit;
      const rows = page.getByRole("table", { name: "Operations" }).getByRole("row");
      const [mail, canceled] = ["queue mail", "canceled"].map((text) =>
        rows.filter({ hasText: text })
      );
      await mail!.getByText("completed").waitFor();
      await mail!.getByText(reason).waitFor();
      await canceled!.getByText("completed").waitFor();
      await visit.fits();
      await mail!.getByRole("link").click();
      for (const text of ["otto", reason, "dead letter · queue mail"]) {
        await page.getByText(text).first().waitFor();
      }
      await page.getByText("retried", { exact: true }).locator("..").getByText("3").waitFor();
      await visit.fits();

      await page.goBack();
      await canceled!.getByRole("link").click();
      await page.getByText("A job that they depend on has failed: 1 job").waitFor();
      await visit.fits();
      await page.getByRole("link", { name: "second-1" }).click();
      await page.getByRole("heading", { name: "second-1" }).waitFor();
      await visit.settled();
    },
  );
}

browserTest("the jobs that an operation means can be looked at", async ({ world, open }) => {
  const { page } = await open({ at: "/operations" });
  const query = { status: ["retry"], queue: "mail", type: "email.bounce" };
  await order(page, world, { action: "promote", query });
  await page.getByRole("link", { name: "Run now" }).click();
  await page.getByRole("link", { name: "Show those that there are now" }).click();
  await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
  const { hash } = new URL(page.url());
  const asked = new URLSearchParams(hash.slice(hash.indexOf("?")));
  assertEquals(Object.fromEntries(asked), { ...query, status: "retry" });
});

const held = gate();
const slow = new DecoratedStore(memoryStore());

browserTest("an operation is watched on its page, and stopped there", async ({ world, open }) => {
  const ids = Array.from({ length: 220 }, (_, n) => `late-${n}`);
  for (const id of ids) await world.client.enqueue("report.write", {}, { id, delayMs: 3_600_000 });
  let step = 0;
  slow.on("act", async ({ run }) => {
    if (++step > 1) await held.opened;
    return await run();
  });
  const visit = await open({ ...looks[1], as: "otto", at: "/operations" });
  const { page } = visit;
  const id = await order(page, world, { action: "cancel", query: { status: ["scheduled"] } });
  const row = page.getByRole("row").filter({ hasText: "otto" });
  await row.getByText("running").waitFor();
  await row.getByText("of 221").waitFor();
  await row.getByText("Canceled: 100").waitFor();

  const vera = await open({ as: "vera", at: `/operations/${id}` });
  await vera.page.getByText("of 221").waitFor();
  assertEquals(await vera.page.getByRole("button", { name: "Stop" }).count(), 0);

  await row.getByRole("link").click();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("dialog").getByText("What it has done with 100 jobs stays").waitFor();
  await page.getByRole("button", { name: "Stop it" }).click();
  await page.getByRole("button", { name: "Stopping…" }).waitFor();
  held.open();
  await page.getByRole("status").getByText("canceled", { exact: true }).waitFor();
  await page.getByText("Stopped by").waitFor();
  assertEquals(await page.getByRole("button", { name: /^Stop/ }).count(), 0);
  // The other page is told too.
  await vera.page.getByRole("status").getByText("canceled", { exact: true }).waitFor();
}, { store: () => slow });

browserTest("without operations it is told where they are begun", async ({ open }) => {
  const { page } = await open({ ...looks[2], at: "/operations" });
  await page.getByText("Nothing was done with many jobs in the last 30 days").waitFor();
  await page.getByRole("main").getByRole("link", { name: "Failed" }).click();
  await page.getByRole("heading", { name: "Failed", level: 1 }).waitFor();
  await page.getByText("Nothing has failed").waitFor();
}, { isEmpty: true });

browserTest("operations that cannot be read are told, and can be read again", async ({ open }) => {
  const visit = await open();
  const { page } = visit;
  const held = gate();
  let isWell = false;
  await page.route("**/api/v1/operations?**", async (route) => {
    await held.opened;
    if (isWell) return await route.continue();
    await route.fulfill({ status: 500, json: { error: "the store is tired", code: "INTERNAL" } });
  });
  visit.expect(/^500 GET \/api\/v1\/operations$/);
  await page.getByRole("navigation").getByRole("link", { name: "Operations" }).click();
  await page.getByRole("main").getByRole("status", { name: "Loading" }).waitFor();
  held.open();
  await page.getByRole("alert").getByText("the store is tired").waitFor();
  isWell = true;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Nothing was done with many jobs").waitFor();

  visit.expect(/^404 GET \/api\/v1\/operations\/019a2f6e-5c1b-7d40-9c3e-2f1a6b7c8d90$/);
  await visit.go("/operations/019a2f6e-5c1b-7d40-9c3e-2f1a6b7c8d90");
  await page.getByRole("alert").getByText("operation not found").waitFor();
});
