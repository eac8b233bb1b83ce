/** The page of one job: what is done with it. */

import { assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { browserTest, looks } from "./support/browser.ts";
import { answer, becomes, statusOf, tells } from "./support/jobs.ts";
import { until } from "./support/until.ts";

const [DESK, DARK_DESK, PHONE, DARK_PHONE] = looks;

/** A button of the page, not of a question. */
function button(page: Page, name: string): Locator {
  return page.locator("main header").getByRole("button", { name, exact: true });
}

browserTest("a job is retried, and enqueued again as another", async ({ world, open }) => {
  const { page } = await open({ ...DESK, at: "/jobs/crash-1", as: "otto" });
  await tells(page, "Retried: 1 job", () => button(page, "Retry").click());
  const attempts = page.getByRole("heading", { name: "Attempts" }).locator("../..")
    .getByRole("listitem");
  await until(async () => await attempts.count() === 2, "the second attempt is shown");
  assertEquals(await button(page, "Delete").count(), 0);

  await tells(page, "Enqueued again: 1 job", () => button(page, "Enqueue again").click());
  const ofType = async () =>
    (await world.client.search({ type: "report.crash", statuses: ["dead_letter"] })).jobs.length;
  await until(async () => await ofType() === 2, "there is another that has crashed");
});

for (const [look, id] of [[DARK_PHONE, "waiting-2"], [DESK, "encode-1"]] as const) {
  browserTest(`a job is canceled after a question: ${id}`, async ({ world, open }) => {
    const visit = await open({ ...look, at: `/jobs/${id}` });
    const { page } = visit;
    const before = await statusOf(world, id);
    await button(page, "Cancel").click();
    await page.getByRole("dialog", { name: "Cancel 1 job?" })
      .getByText(id === "encode-1" ? "is told to stop" : "does not run any more").waitFor();
    await visit.fits();
    await answer(page, "Keep as it is");
    assertEquals(await statusOf(world, id), before);
    await button(page, "Cancel").click();
    await answer(page, "Cancel 1 job");
    await becomes(world, id, "canceled");
    await page.locator("h2").getByText("canceled").waitFor();
  });
}

browserTest("a parent is canceled with those that wait for it, and all come back", async ({
  world,
  open,
}) => {
  const { page } = await open({ ...DARK_DESK, at: "/jobs/charge-1" });
  await button(page, "Cancel").click();
  await page.getByRole("dialog").getByText("2 jobs that wait for it may be canceled").waitFor();
  await answer(page, "Cancel 1 job");
  await becomes(world, "ship-1", "canceled");
  await button(page, "Retry with children").click();
  await becomes(world, "ship-1", "deferred");
  await becomes(world, "charge-1", "processing");
});

browserTest("a job is deleted after a question, and the list follows", async ({ world, open }) => {
  const { page } = await open({ ...PHONE, at: "/jobs/sent-1" });
  await button(page, "Delete").click();
  await page.getByRole("dialog").getByText("It is removed for good").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assertEquals(await statusOf(world, "sent-1"), "completed");
  await button(page, "Delete").click();
  await answer(page, "Delete 1 job");
  await becomes(world, "sent-1", undefined);
  await page.getByRole("table", { name: "Jobs" }).waitFor();
});

browserTest("a payload is edited, and the job runs again with it", async ({ world, open }) => {
  const visit = await open({ ...DARK_PHONE, at: "/jobs/crash-1" });
  const { page } = visit;
  await button(page, "Edit payload…").click();
  const field = page.getByLabel("Payload, as JSON");
  const save = page.getByRole("dialog").getByRole("button", { name: "Save and run again" });
  await field.fill("{ 'disk': 2 }");
  await page.getByRole("dialog").getByRole("status").getByText("JSON").waitFor();
  assertEquals(await save.isDisabled(), true);
  assertEquals(await field.getAttribute("aria-invalid"), "true");
  await visit.fits();
  await field.fill('{ "disk": 2 }');
  await tells(page, "It runs again with the new payload", () => save.click());
  await page.getByText("disk: 2").waitFor();
  await until(async () => {
    const job = await world.client.getJob("crash-1");
    return JSON.stringify(job?.payload) === '{"disk":2}' && job?.status === "dead_letter";
  }, "it has failed again, with the new payload");
});

browserTest(
  "a payload is edited of a job that waits, and of a new one",
  async ({ world, open }) => {
    const visit = await open({ ...DESK, at: "/jobs/waiting-1" });
    const { page } = visit;
    const field = page.getByLabel("Payload, as JSON");
    await button(page, "Edit payload…").click();
    await field.fill("[1, 2]");
    await tells(
      page,
      "The payload was changed",
      () => page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click(),
    );
    assertEquals((await world.client.getJob("waiting-1"))?.payload, [1, 2]);

    await visit.go("/jobs/sent-2");
    await button(page, "Edit payload…").click();
    await field.fill('{ "to": "another@example.com" }');
    await tells(page, "Enqueued as a new job", () => answer(page, "Enqueue as a new job"));
    await page.waitForURL((url) => url.hash.startsWith("#/jobs/") && url.hash !== "#/jobs/sent-2");
    const id = new URL(page.url()).hash.slice("#/jobs/".length);
    await page.getByRole("heading", { level: 1 }).getByText(id).waitFor();
    assertEquals((await world.client.getJob(id))?.payload, { to: "another@example.com" });
  },
);

browserTest("a job gets another priority, and runs before its time", async ({ world, open }) => {
  const visit = await open({ ...DARK_DESK, at: "/jobs/waiting-3" });
  const { page } = visit;
  await button(page, "Priority…").click();
  await page.getByRole("spinbutton").fill("7");
  await tells(page, "Its priority is 7", () => answer(page, "Change"));
  assertEquals((await world.client.getJob("waiting-3"))?.priority, 7);
  await page.getByRole("term").getByText("Priority").waitFor();

  await visit.go("/jobs/retry-1");
  await tells(page, "Made ready: 1 job", () => button(page, "Run now").click());
  await until(
    async () => ((await world.client.getJob("retry-1"))?.attempts.length ?? 0) >= 2,
    "it has been tried again",
  );
});

browserTest("what was refused is told, and the page goes on", async ({ world, open }) => {
  const visit = await open({ ...DESK, at: "/jobs/waiting-2" });
  const { page } = visit;
  visit.expect(/^409 POST \/api\/v1\/jobs\/waiting-2\/cancel$/);
  await page.route("**/api/v1/jobs/waiting-2/cancel", async (route) => {
    await world.client.control.cancel("waiting-2");
    await route.continue();
  });
  await button(page, "Cancel").click();
  await tells(page, /^Not done with 1 job/, () => answer(page, "Cancel 1 job"));
  await button(page, "Retry").waitFor();
});
