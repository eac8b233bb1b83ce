/** The audit log and the sessions: for admins. */

import { assertEquals, assertMatch } from "@std/assert";
import { gate } from "../support/world.ts";
import { browserTest, looks } from "./support/browser.ts";

const [light, , , darkPhone] = looks;

for (const look of [light!, darkPhone!]) {
  browserTest(
    `who changed what is told: ${look.theme}, ${look.width} px`,
    async ({ open }) => {
      const otto = await open({ as: "otto", at: "/jobs/crash-1" });
      await otto.page.getByRole("button", { name: "Retry" }).click();
      await otto.page.getByText("Retried: 1 job").waitFor();

      const visit = await open({ ...look, at: "/audit" });
      const { page } = visit;
      const rows = page.getByRole("table", { name: "Changes" }).getByRole("row");
      const retried = rows.filter({ hasText: "job.retry" });
      await retried.getByText("otto").waitFor();
      await visit.fits();

      await page.getByLabel("Action").fill("job.retry");
      await page.getByLabel("Action").press("Enter");
      await rows.filter({ hasText: "auth.login" }).first().waitFor({ state: "detached" });
      await retried.waitFor();
      assertEquals(await rows.count(), 2);
      await page.getByLabel("Who").fill("ada");
      await page.getByLabel("Who").press("Enter");
      await page.getByText("No such change").waitFor();
      assertMatch(page.url(), /action=job\.retry.*who=ada/);
      await visit.fits();
      await page.getByRole("button", { name: "Show all" }).click();
      await retried.waitFor();
      await retried.getByRole("link", { name: "otto" }).click();
      await rows.filter({ hasText: "by ada" }).first().waitFor({ state: "detached" });
      await retried.getByRole("link", { name: "crash-1" }).click();
      await page.getByRole("heading", { name: "crash-1" }).waitFor();
      await visit.settled();
    },
  );
}

browserTest("the details of a change unfold", async ({ open }) => {
  const { page } = await open({ at: "/failed" });
  await page.getByRole("button", { name: "Retry all failed" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("the disk is empty again");
  await page.getByRole("dialog").getByRole("button", { name: "Retry 4 jobs" }).click();
  const watched = page.getByRole("region", { name: "What is being done" });
  await watched.getByText("completed").waitFor();

  await page.getByRole("link", { name: "Audit" }).click();
  const started = page.getByRole("row").filter({ hasText: "operation.start" });
  await started.getByText("Details").click();
  await started.getByText("the disk is empty again").waitFor();
  await page.getByRole("row").filter({ hasText: "operation.end" })
    .locator("a[href*='operations/']").click();
  await page.getByRole("status").getByText("completed").waitFor();
});

browserTest("a session is ended, and whoever had it must log in", async ({ open }) => {
  const otto = await open({ as: "otto", at: "/queues" });
  const visit = await open({ ...darkPhone, at: "/audit?tab=sessions" });
  const { page } = visit;
  const rows = page.getByRole("table", { name: "Sessions" }).getByRole("row");
  await rows.filter({ hasText: "ada" }).getByText("this one").waitFor();
  await visit.fits();
  await page.getByRole("button", { name: "End the session of otto" }).click();
  const dialog = page.getByRole("dialog", { name: "End a session of otto?" });
  await dialog.getByRole("button", { name: "Keep as it is" }).click();
  await rows.filter({ hasText: "otto" }).waitFor();

  otto.expect(/^401 GET /);
  await page.getByRole("button", { name: "End the session of otto" }).click();
  await dialog.getByRole("button", { name: "End 1 session" }).click();
  await page.getByText("The session has ended").waitFor();
  await rows.filter({ hasText: "otto" }).waitFor({ state: "detached" });
  await rows.filter({ hasText: "ada" }).waitFor();
  await otto.page.getByRole("button", { name: "Log in" }).waitFor();
});

browserTest("the audit log is for admins, and others ask for nothing", async ({ open }) => {
  for (const as of ["otto", "vera", "mel"]) {
    const { page } = await open({ as, at: "/audit" });
    await page.getByText("for admins").waitFor();
    assertEquals(await page.getByRole("navigation").getByText("Audit").count(), 0);
  }
});

browserTest("a log that cannot be read is told, and can be read again", async ({ open }) => {
  const visit = await open();
  const { page } = visit;
  const held = gate();
  let isWell = false;
  for (const path of ["audit", "sessions"]) {
    await page.route(`**/api/v1/${path}?**`, async (route) => {
      await held.opened;
      if (isWell) return await route.continue();
      await route.fulfill({ status: 500, json: { error: "the store is tired", code: "INTERNAL" } });
    });
    visit.expect(new RegExp(`^500 GET /api/v1/${path}$`));
  }
  await page.getByRole("navigation").getByRole("link", { name: "Audit" }).click();
  await page.getByRole("main").getByRole("status", { name: "Loading" }).waitFor();
  held.open();
  await page.getByRole("alert").getByText("the store is tired").waitFor();
  await page.getByRole("button", { name: "Sessions" }).click();
  await page.getByRole("alert").getByText("the store is tired").waitFor();
  isWell = true;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("row").filter({ hasText: "this one" }).waitFor();
  await page.getByRole("button", { name: "Changes" }).click();
  await page.getByRole("row").filter({ hasText: "auth.login" }).first().waitFor();
}, { isEmpty: true });
