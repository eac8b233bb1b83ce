/** Schedules: what runs by the clock, and what an admin makes of it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { Server } from "../../mod.ts";
import { browserTest, looks } from "./support/browser.ts";
import { until } from "./support/until.ts";

/** The row of a schedule in the list. */
function rowOf(page: Page, id: string) {
  return page.getByRole("row").filter({
    has: page.getByRole("link", { name: id, exact: true }),
  });
}

/** The page's title, which names a schedule. */
function titled(page: Page, id: string) {
  return page.getByRole("heading", { level: 1, name: id });
}

for (const look of looks) {
  browserTest(
    `schedules are listed and shown: ${look.theme}, ${look.width} px`,
    async ({ world, open }) => {
      await world.client.schedules.upsert("each-10-seconds", {
        type: "email.send",
        cron: "*/10 * * * * *",
        timeZone: "Europe/Berlin",
        enabled: false,
      });
      await world.client.schedules.upsert("odd", {
        type: "email.send",
        cron: "*/7 * * * *",
        enabled: false,
      });
      const visit = await open({ ...look, at: "/schedules" });
      const { page } = visit;
      const nightly = rowOf(page, "nightly");
      await nightly.getByText("Monday to Friday at 03:30").waitFor();
      // A phone has room for the words alone.
      if (look.width === 1440) await nightly.getByText("30 3 * * 1-5").waitFor();
      await nightly.getByText(/^in \d/).waitFor();
      await nightly.getByText("never").waitFor();
      const quick = rowOf(page, "each-10-seconds");
      await quick.getByText("Every 10 seconds").waitFor();
      await quick.getByText("Europe/Berlin").waitFor();
      await rowOf(page, "each-hour").getByText("Every hour").waitFor();
      await rowOf(page, "each-hour").getByText("paused").waitFor();
      // What has no words speaks for itself.
      await rowOf(page, "odd").getByText("*/7 * * * *").waitFor();
      await visit.fits();

      await nightly.getByRole("link", { name: "nightly" }).click();
      await page.getByRole("heading", { name: "Next fires" }).waitFor();
      assertEquals(await page.getByText(/ 03:30:00 \+00:00$/).count(), 5);
      await page.getByText("the slot is skipped").waitFor();
      await page.getByText("Nothing yet").waitFor();
      await visit.fits();
    },
  );
}

browserTest("schedules are found by text and state, and the URL says which", async ({ open }) => {
  const visit = await open({ at: "/schedules" });
  const { page } = visit;
  await page.getByLabel("Search schedules").fill("night");
  await rowOf(page, "each-hour").waitFor({ state: "detached" });
  await rowOf(page, "nightly").waitFor();
  await page.getByLabel("Search schedules").fill("");
  await page.getByRole("button", { name: "Paused" }).click();
  await rowOf(page, "nightly").waitFor({ state: "detached" });
  await rowOf(page, "each-hour").waitFor();
  assertMatch(page.url(), /#\/schedules\?state=paused$/);

  const shared = await open({ at: "/schedules?q=night&state=paused" });
  await shared.page.getByText("None of the schedules fits").waitFor();
  assertEquals(await shared.page.getByLabel("Search schedules").inputValue(), "night");
});

browserTest("the list says that there is none", async ({ open }) => {
  const { page } = await open({ at: "/schedules" });
  await page.getByText("No schedules").waitFor();
}, { isEmpty: true });

browserTest("rows are gone through and opened with the keyboard", async ({ open }) => {
  const { page } = await open({ at: "/schedules" });
  await page.getByRole("row").nth(1).focus();
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await titled(page, "nightly").waitFor();
});

browserTest(
  "an admin makes a schedule, and sees before when it fires by the clocks of a zone",
  async ({ world, open }) => {
    const { page } = await open({ at: "/schedules" });
    await page.getByRole("button", { name: "New schedule" }).click();
    const form = page.getByRole("dialog");
    const preview = form.getByRole("status", { name: "Preview" });
    await preview.getByText("Every day at 09:00").waitFor();
    await form.getByLabel("Id").fill("weekly.report");
    await form.getByLabel("Type of its jobs").fill("report.write");
    await form.getByLabel("Queue").fill("reports");
    // Typed key by key: what is not an expression yet is nothing that went wrong.
    await form.getByLabel("Cron expression").fill("");
    await preview.getByText("Say when").waitFor();
    await form.getByLabel("Cron expression").pressSequentially("30 2 * *");
    await preview.getByText(/must have 5 fields/).waitFor();
    await form.getByLabel("Cron expression").pressSequentially(" SUN");
    await preview.getByText("Every Sunday at 02:30").waitFor();
    await form.getByLabel("Time zone").fill("Asia/Kolk");
    await preview.getByText(/must be a time zone/).waitFor();
    await form.getByLabel("Time zone").fill("Asia/Kolkata");
    await preview.getByText(/02:30:00 \+05:30$/).first().waitFor();
    assertEquals(await preview.getByRole("listitem").count(), 5);
    await form.getByLabel("Payload, as JSON").fill('{"kind": "sales"}');
    await form.getByRole("button", { name: "Make schedule" }).click();

    await titled(page, "weekly.report").waitFor();
    const made = await world.client.schedules.get("weekly.report");
    assertEquals(made?.cron, "30 2 * * SUN");
    assertEquals(made?.timeZone, "Asia/Kolkata");
    assertEquals(made?.payload, { kind: "sales" });
    assertEquals(made?.queue, "reports");
    assertEquals(made?.source, "runtime");
  },
);

browserTest(
  "what is wrong is refused by its rule, and nothing is made",
  async ({ world, open }) => {
    const visit = await open({ at: "/schedules?new=1" });
    const { page } = visit;
    const form = page.getByRole("dialog");
    await form.getByLabel("Id").fill("wrong");
    await form.getByLabel("Type of its jobs").fill("report.write");
    await form.getByLabel("Payload, as JSON").fill("{kind}");
    await form.getByRole("button", { name: "Make schedule" }).click();
    await form.getByRole("alert").getByText("The payload is not JSON").waitFor();
    await form.getByLabel("Payload, as JSON").fill("");
    await form.getByLabel("Cron expression").fill("61 * * * *");
    visit.expect(/^400 POST \/api\/v1\/schedules$/);
    await form.getByRole("button", { name: "Make schedule" }).click();
    await form.getByRole("alert").getByText("'minute' must be from 0 to 59: current value is '61'")
      .waitFor();
    // An id that is there.
    await form.getByLabel("Cron expression").fill("@daily");
    await form.getByLabel("Id").fill("nightly");
    visit.expect(/^409 POST \/api\/v1\/schedules$/);
    await form.getByRole("button", { name: "Make schedule" }).click();
    await form.getByRole("alert").getByText("the id is in use").waitFor();
    await form.getByRole("button", { name: "Make none" }).click();
    await form.waitFor({ state: "detached" });
    assertEquals(await world.client.schedules.get("wrong"), null);
  },
);

browserTest("an interval is told by its unit, and kept as it was", async ({ world, open }) => {
  const { page } = await open({ at: "/schedules/each-hour?edit=1" });
  const form = page.getByRole("dialog");
  assertEquals(await form.getByLabel("Every", { exact: true }).inputValue(), "1");
  assertEquals(await form.getByLabel("Unit").inputValue(), "3600000");
  await form.getByLabel("Every", { exact: true }).fill("90");
  await form.getByLabel("Unit").selectOption("minutes");
  await form.getByText("Every 90 minutes").waitFor();
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
  const changed = await world.client.schedules.get("each-hour");
  assertEquals(changed?.everyMs, 5_400_000);
  assertEquals(changed?.queue, "mail");
  assertEquals(changed?.paused, true);
});

browserTest("who edits what somebody else has changed is told so", async ({ world, open }) => {
  const visit = await open({ at: "/schedules/nightly" });
  const { page } = visit;
  await page.getByRole("link", { name: "Edit" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Cron expression").fill("0 4 * * *");
  await world.client.schedules.upsert("nightly", { type: "report.write", cron: "0 5 * * *" });
  visit.expect(/^409 PUT \/api\/v1\/schedules\/nightly$/);
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("alert").getByText("Somebody has changed it since it was read").waitFor();
  assertEquals((await world.client.schedules.get("nightly"))?.cron, "0 5 * * *");
  // Begun anew, it has what is there now.
  await form.getByRole("button", { name: "Keep as it is" }).click();
  await page.getByText("Every day at 05:00").waitFor();
  await page.getByRole("link", { name: "Edit" }).click();
  assertEquals(await form.getByLabel("Cron expression").inputValue(), "0 5 * * *");
  await form.getByLabel("Cron expression").fill("0 4 * * *");
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText("Every day at 04:00").waitFor();
});

browserTest("a schedule is paused, resumed, and runs when told to", async ({ world, open }) => {
  const { schedules } = world.client;
  await schedules.upsert("mailing", {
    type: "email.send",
    payload: { to: "all" },
    cron: "0 0 1 1 *",
    options: { queue: "mail" },
  });
  const { page } = await open({ at: "/schedules" });
  const row = rowOf(page, "mailing");
  await row.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause 1 schedule" }).click();
  await row.getByText("paused").waitFor();
  assertEquals((await schedules.get("mailing"))?.paused, true);
  await row.getByRole("button", { name: "Resume" }).click();
  await row.getByText(/^in \d/).waitFor();
  assertEquals((await schedules.get("mailing"))?.paused, false);

  await row.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enqueue 1 job" }).click();
  await page.getByText(/^Job .+ was enqueued$/).waitFor();
  await until(
    async () => (await schedules.get("mailing"))?.lastJobId !== undefined,
    "it has a job",
  );
  const id = (await schedules.get("mailing"))!.lastJobId!;
  await until(async () => (await world.client.getJob(id))?.status === "completed", "it is done");

  await row.getByRole("link", { name: "mailing" }).click();
  const line = page.getByRole("row").filter({ has: page.getByRole("link", { name: id }) });
  await line.getByText("fired").waitFor();
  await line.getByText("by hand").waitFor();
  await line.getByRole("link", { name: id }).click();
  await page.getByText("completed").first().waitFor();
});

browserTest("a schedule is removed after a question", async ({ world, open }) => {
  const { page } = await open({ at: "/schedules/nightly" });
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Keep as it is" }).click();
  assert(await world.client.schedules.get("nightly") !== null);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete 1 schedule" }).click();
  await page.getByText("nightly was deleted").waitFor();
  await rowOf(page, "each-hour").waitFor();
  assertEquals(await rowOf(page, "nightly").count(), 0);
  assertEquals(await world.client.schedules.get("nightly"), null);
});

browserTest("what a program defines is not edited here", async ({ world, open }) => {
  await using server = new Server({ store: world.store, logLevel: "silent" });
  server.schedule("of-code", { type: "email.send", cron: "@daily" });
  await server.start();
  const { page } = await open({ at: "/schedules/of-code?edit=1" });
  await page.getByText("changed where it is defined, not here").waitFor();
  assertEquals(await page.getByRole("dialog").count(), 0);
  assertEquals(await page.getByRole("link", { name: "Edit" }).count(), 0);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByText("it comes back at the next start of the program").waitFor();
});

browserTest("an operator triggers, and a viewer looks", async ({ open }) => {
  const operator = await open({ as: "otto", at: "/schedules/nightly" });
  await operator.page.getByRole("button", { name: "Run now" }).waitFor();
  for (const name of ["Pause", "Delete"]) {
    assertEquals(await operator.page.getByRole("button", { name }).count(), 0);
  }
  const viewer = await open({ as: "vera", at: "/schedules?new=1" });
  await rowOf(viewer.page, "nightly").waitFor();
  assertEquals(await viewer.page.getByRole("dialog").count(), 0);
  for (const name of ["New schedule", "Run now"]) {
    assertEquals(await viewer.page.getByRole("button", { name }).count(), 0);
  }
});

browserTest("a schedule that is not there is told so", async ({ open }) => {
  const visit = await open({ at: "/" });
  visit.expect(/^404 GET \/api\/v1\/schedules\/nope$/);
  await visit.go("/schedules/nope");
  await visit.page.getByText("schedule not found").waitFor();
});
