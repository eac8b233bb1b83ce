/** What has failed and why: by kind, then job by job; for each role, as it happens, and when it cannot be told. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { gate } from "../support/world.ts";
import { browserTest, looks } from "./support/browser.ts";
import { until } from "./support/until.ts";

const [light, , , darkPhone] = looks;

for (const look of [light!, darkPhone!]) {
  browserTest(
    `who opens the failures sees what, where and how often: ${look.theme}, ${look.width} px`,
    async ({ open }) => {
      const visit = await open({ ...look, at: "/failed" });
      const { page } = visit;
      const kinds = page.getByRole("table", { name: "Failures" });
      const bounced = kinds.getByRole("row").filter({ hasText: "TypeError" });
      const told = await bounced.innerText();
      for (const text of ["email.bounce in mail", "mailbox {", "does not exist"]) {
        assert(told.includes(text), told);
      }
      assertMatch(told, /at .*\(?world\.ts:\d+:\d+\)?/);
      assertMatch(told, look.width === 360 ? /7 attempts, the last/ : /\b7\b/);
      await kinds.getByText("<b>disk</b> is full").waitFor();
      await visit.fits();

      await bounced.getByRole("link").click();
      await page.getByRole("heading", { name: "TypeError" }).waitFor();
      await page.getByText("7 attempts, the first").waitFor();
      assertMatch(await page.getByLabel("Stack of the error").innerText(), /world\.ts:\d+:\d+/);
      const jobs = page.getByRole("table", { name: "Jobs" });
      for (const id of ["bounce-1", "bounce-2", "bounce-3"]) {
        await jobs.getByRole("row").filter({ hasText: id }).waitFor();
      }
      await visit.fits();

      await page.getByRole("button", { name: "Waiting for a retry" }).click();
      await jobs.getByRole("row").filter({ hasText: "retry-1" }).waitFor();
      assertEquals(await jobs.getByText("bounce-").count(), 0);
      await visit.fits();
      await page.getByRole("heading", { level: 1 }).getByRole("link", { name: "Failed" }).click();
      await kinds.getByRole("link", { name: /disk/ }).waitFor();
    },
  );
}

browserTest("the URL holds the filters of the failures", async ({ open }) => {
  const visit = await open({ at: "/failed" });
  const { page } = visit;
  const rows = page.getByRole("table", { name: "Failures" }).locator("tbody tr");
  await page.getByLabel("Type", { exact: true }).fill("report.crash");
  await page.getByLabel("Type", { exact: true }).press("Enter");
  await rows.filter({ hasText: "TypeError" }).waitFor({ state: "detached" });
  await rows.filter({ hasText: "disk" }).waitFor();
  assertEquals(await rows.count(), 1);
  await page.getByRole("button", { name: "Most often" }).click();
  assertMatch(page.url(), /type=report\.crash.*order=frequent/);

  await page.reload();
  await visit.settled();
  assertEquals(await rows.count(), 1);
  assertEquals(await page.getByLabel("Type", { exact: true }).inputValue(), "report.crash");
  const often = page.getByRole("button", { name: "Most often" });
  assertEquals(await often.getAttribute("aria-pressed"), "true");

  await page.getByLabel("Type", { exact: true }).fill("nobody.knows");
  await page.getByLabel("Type", { exact: true }).press("Enter");
  await page.getByText("Nothing of the type nobody.knows has failed").waitFor();
  await page.getByRole("button", { name: "Show all types" }).click();
  await rows.filter({ hasText: "TypeError" }).waitFor();
  // What failed most often comes first.
  assertMatch(await rows.first().innerText(), /TypeError/);
});

browserTest("rows are gone through and opened by keyboard", async ({ open }) => {
  const { page } = await open({ at: "/failed?order=frequent" });
  const rows = page.getByRole("table", { name: "Failures" }).locator("tbody tr");
  await rows.first().focus();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByText("<b>disk</b> is full").first().waitFor();
  await page.getByRole("row").filter({ hasText: "crash-1" }).first().focus();
  await page.keyboard.press("x");
  await page.getByRole("group", { name: "With the chosen jobs" }).getByText("1 chosen").waitFor();
});

browserTest("who sees one queue finds its failed jobs, and nothing else", async ({ open }) => {
  const { page } = await open({ at: "/failed", as: "mel" });
  const jobs = page.getByRole("table", { name: "Jobs" });
  for (const id of ["bounce-1", "bounce-2", "bounce-3"]) await jobs.getByText(id).waitFor();
  assertEquals(await page.getByText("crash-1").count(), 0);
  assertEquals(await page.getByRole("button", { name: "Delete" }).count(), 0);
  await page.getByRole("button", { name: "Waiting for a retry" }).click();
  await jobs.getByText("retry-1").waitFor();
  await page.getByRole("button", { name: "Failed for good" }).click();
  await jobs.getByText("bounce-1").waitFor();
  await page.getByRole("button", { name: "Retry all" }).click();
  await page.getByRole("dialog", { name: "Retry 3 jobs?" }).waitFor();
});

browserTest("who may only look finds no button that changes something", async ({ open }) => {
  const visit = await open({ at: "/failed", as: "vera" });
  const { page } = visit;
  const buttons = page.getByRole("main").getByRole("button", { name: /Retry|Delete|Cancel|Run/ });
  assertEquals(await buttons.count(), 0);
  await page.getByRole("link", { name: /disk/ }).click();
  await page.getByRole("row").filter({ hasText: "crash-1" }).waitFor();
  await visit.settled();
  assertEquals(await buttons.count(), 0);
  assertEquals(await page.getByRole("checkbox").count(), 0);
});

browserTest(
  "a new failure appears by itself, and one more of a kind is counted",
  async ({ open, world }) => {
    const { page } = await open({ at: "/failed" });
    await page.getByRole("status").filter({ hasText: "Live" }).first().waitFor();
    await world.client.enqueue("tax.file", {}, { id: "tax-1" });
    const row = page.getByRole("row").filter({ hasText: "tax.file" });
    await row.filter({ hasText: "no such form" }).waitFor();
    await world.client.enqueue("tax.file", {}, { id: "tax-2" });
    await row.getByRole("cell", { name: "2", exact: true }).waitFor();
    await row.getByRole("link").click();
    await page.getByLabel("Choose tax-2").check();
    await world.client.enqueue("tax.file", {}, { id: "tax-3" });
    await page.getByRole("row").filter({ hasText: "tax-3" }).waitFor();
    assert(await page.getByLabel("Choose tax-2").isChecked());
  },
  {
    prepare: (server) =>
      void server.handle("tax.file", () => Promise.reject(new Error("no such form")), {
        maxRetry: 0,
      }),
  },
);

browserTest("a store without failures says so", async ({ open }) => {
  const { page } = await open({ at: "/failed" });
  await page.getByText("Nothing has failed").waitFor();
  await page.getByRole("button", { name: "Retry all failed" }).click();
  await page.getByText("There is no such job now").waitFor();
}, { isEmpty: true });

browserTest("failures that cannot be read are told, and can be read again", async ({ open }) => {
  const visit = await open();
  const { page } = visit;
  const held = gate();
  let isWell = false;
  await page.route("**/api/v1/errors?**", async (route) => {
    await held.opened;
    if (isWell) return await route.continue();
    await route.fulfill({ status: 500, json: { error: "the store is tired", code: "INTERNAL" } });
  });
  visit.expect(/^500 GET \/api\/v1\/errors$/);
  await page.getByRole("navigation").getByRole("link", { name: "Failed" }).click();
  await page.getByRole("main").getByRole("status", { name: "Loading" }).waitFor();
  held.open();
  await page.getByRole("alert").getByText("the store is tired").waitFor();
  isWell = true;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("link", { name: /disk/ }).waitFor();
  await until(async () => await page.getByRole("alert").count() === 0, "the message has gone");
});

browserTest("a kind of failure that does not exist is told", async ({ open }) => {
  const visit = await open();
  visit.expect(/^404 GET \/api\/v1\/errors\/00000000000000aa$/);
  await visit.go("/failed/00000000000000aa");
  await visit.page.getByRole("alert").getByText("error not found").waitFor();
});
