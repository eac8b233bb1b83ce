/** The list of jobs: found by each filter, chosen, and what is done with them. */

import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { gate } from "../support/world.ts";
import { browserTest, looks, type Visit } from "./support/browser.ts";
import { scrollOf, scrollTo } from "./support/in_page.js";
import { answer, becomes, statusOf, tells } from "./support/jobs.ts";
import { until } from "./support/until.ts";
import type { BrowserWorld } from "./support/world.ts";

const [DESK, DARK_DESK, PHONE, DARK_PHONE] = looks;

/** The rows, as many as they are. */
function rows(page: Page): Locator {
  return page.getByRole("table", { name: "Jobs" }).locator("tbody tr");
}

/** Waits until the list holds these jobs and no others, in whatever order. */
async function shows(page: Page, ...ids: string[]): Promise<void> {
  const wanted = ids.toSorted().join();
  const found = async () => {
    const keys = await rows(page).evaluateAll((all) =>
      all.map((row) => row.getAttribute("data-key"))
    );
    return keys.toSorted().join() === wanted;
  };
  await until(found, `the list holds ${wanted}`);
}

/** The part of the URL after the `#`. */
function at({ page }: Visit): string {
  return new URL(page.url()).hash.slice(1);
}

function chip(page: Page, name: string): Locator {
  return page.getByRole("group", { name: "Status" }).getByRole("button", {
    name: new RegExp(`^${name}( |$)`),
  });
}

function act(page: Page, name: string): Promise<void> {
  return page.getByRole("group", { name: "What to do" })
    .getByRole("button", { name, exact: true }).click();
}

/** Waits until no job is chosen, as when what was asked for has been done. */
function noneChosen(page: Page): Promise<void> {
  return page.getByRole("button", { name: "Act on all that match…" }).waitFor();
}

browserTest("the list has jobs of all statuses, the newest first", async ({ world, open }) => {
  const { page } = await open({ ...DESK, at: "/jobs" });
  for (const name of ["completed", "dead letter", "retry", "processing", "scheduled", "canceled"]) {
    await rows(page).getByText(name, { exact: true }).first().waitFor();
  }
  const { createdAt } = await world.client.getJob("bounce-1") ?? {};
  const soon = () => Promise.resolve(Math.floor(Date.now() / 1000) > Math.floor(createdAt! / 1000));
  await until(soon, "the next second has begun");
  await world.client.enqueue("email.send", { to: "late" }, { id: "last-1", queue: "mail" });
  await page.locator("tbody tr[data-key=last-1]").waitFor();
  await until(
    async () => await rows(page).first().getAttribute("data-key") === "last-1",
    "the newest is the first",
  );
  const times = await rows(page).evaluateAll((all) =>
    all.map((row) => row.querySelector("time")?.getAttribute("datetime") ?? "")
  );
  assertEquals(times, times.toSorted().reverse());
});

browserTest("each filter finds its jobs, and the URL says it", async ({ open }) => {
  const visit = await open({ ...DARK_DESK, at: "/jobs" });
  const { page } = visit;
  const clear = () => page.getByRole("button", { name: "Clear" }).click();

  await chip(page, "dead letter").click();
  await shows(page, "bounce-1", "bounce-2", "bounce-3", "crash-1");
  assertEquals(at(visit), "/jobs?status=dead_letter");
  await chip(page, "canceled").click();
  await shows(page, "bounce-1", "bounce-2", "bounce-3", "crash-1", "canceled-1");
  await page.getByLabel("Type").selectOption("email.bounce");
  await shows(page, "bounce-1", "bounce-2", "bounce-3");
  await page.getByLabel("Text").fill('"TO":2');
  await page.getByLabel("Text").press("Enter");
  await shows(page, "bounce-2");
  const link = at(visit);
  await clear();
  assertEquals(at(visit), "/jobs");

  await page.getByLabel("Queue").selectOption("video");
  await shows(page, "encode-1");
  await clear();
  await page.getByRole("searchbox", { name: "Id" }).fill("sent");
  await page.getByRole("searchbox", { name: "Id" }).press("Enter");
  await shows(page, "sent-1", "sent-2", "sent-3", "sent-4", "sent-5");
  await page.getByRole("searchbox", { name: "Id" }).fill("sent-3");
  await page.getByRole("searchbox", { name: "Id" }).press("Enter");
  await shows(page, "sent-3");
  await page.getByRole("searchbox", { name: "Id" }).fill("");
  assertEquals(at(visit), "/jobs");

  await chip(page, "completed").click();
  await page.getByLabel("Time").selectOption("last hour");
  await page.getByLabel("Queue").selectOption("orders");
  await shows(page, "order-1");
  await page.getByLabel("Time").selectOption("from, to…");
  await page.getByRole("textbox", { name: "From" }).fill("2100-01-01T00:00");
  await page.getByText("No job matches").waitFor();
  await page.getByRole("textbox", { name: "From" }).fill("2001-01-01T00:00");
  await shows(page, "order-1");
  await page.getByRole("textbox", { name: "Before" }).fill("2001-01-02T00:00");
  await page.getByText("No job matches").waitFor();

  const other = await open({ ...PHONE, as: "vera", at: link });
  await shows(other.page, "bounce-2");
  assertEquals(await other.page.getByLabel("Text").inputValue(), '"TO":2');
  await other.page.getByRole("button", { name: "Filters (1)" }).click();
  assertEquals(await other.page.getByLabel("Type").inputValue(), "email.bounce");
  assertEquals(await other.page.getByRole("checkbox").count(), 0);
});

browserTest("who sees one queue finds its jobs alone", async ({ open }) => {
  const visit = await open({ ...DARK_PHONE, as: "mel", at: "/jobs?status=dead_letter,ready" });
  const { page } = visit;
  await shows(page, "bounce-1", "bounce-2", "bounce-3");
  await page.getByText("does not exist").first().waitFor();
  await visit.fits();
  await chip(page, "ready").getByText("0", { exact: true }).waitFor();
  visit.expect(/^404 GET \/api\/v1\/jobs\/encode-1\/details$/);
  await visit.go("/jobs/encode-1");
  await page.getByText("There is no job with this id").waitFor();
});

browserTest("odd filters find nothing, and do no harm", async ({ open }) => {
  const visit = await open({ ...DESK, at: "/jobs" });
  for (const id of ["a/b c", "🎉", `"'\`<script>`, "%2e"]) {
    await visit.page.getByRole("searchbox", { name: "Id" }).fill(id);
    await visit.page.getByRole("searchbox", { name: "Id" }).press("Enter");
    await visit.page.getByText("No job matches").waitFor();
    await visit.page.reload();
    await visit.page.getByText("No job matches").waitFor();
    assertEquals(await visit.page.getByRole("searchbox", { name: "Id" }).inputValue(), id);
  }
});

browserTest("jobs are chosen by mouse and keyboard, and retried", async ({ world, open }) => {
  const visit = await open({ ...DESK, at: "/jobs?status=dead_letter,canceled" });
  const { page } = visit;
  await shows(page, "bounce-1", "bounce-2", "bounce-3", "crash-1", "canceled-1");
  await page.getByRole("checkbox", { name: "Choose crash-1" }).check();
  await page.locator("tbody tr[data-key=crash-1]").focus();
  const keys = await rows(page).evaluateAll((all) =>
    all.map((row) => row.getAttribute("data-key"))
  );
  const order = keys.indexOf("crash-1");
  const way = order === keys.length - 1 ? "k" : "j";
  const next = keys[order + (way === "j" ? 1 : -1)]!;
  await page.keyboard.press(way);
  await page.keyboard.press("x");
  await page.getByText("2 jobs chosen").waitFor();
  assertEquals(await page.getByRole("checkbox", { name: `Choose ${next}` }).isChecked(), true);
  assert(at(visit).includes("chosen="));

  await act(page, "Retry");
  await page.getByRole("dialog", { name: "Retry 2 jobs?" }).waitFor();
  await tells(page, "Retried: 2 jobs", () => answer(page, "Retry 2 jobs"));
  await until(async () => {
    const attempts = (await world.client.getJob("crash-1"))?.attempts.length ?? 0;
    return attempts > 1 && await statusOf(world, "crash-1") === "dead_letter";
  }, "crash-1 has failed again");
  await noneChosen(page);
});

browserTest("a click with Shift chooses all from the last one", async ({ open }) => {
  const { page } = await open({ ...DESK, at: "/jobs?queue=mail&status=completed" });
  const boxes = rows(page).getByRole("checkbox");
  await boxes.nth(1).check();
  await boxes.nth(4).click({ modifiers: ["Shift"] });
  await page.getByText("4 jobs chosen").waitFor();
  await boxes.nth(3).click();
  await page.getByText("3 jobs chosen").waitFor();
  await boxes.nth(1).click({ modifiers: ["Shift"] });
  await page.getByText("1 job chosen").waitFor();
  await page.getByRole("button", { name: "Choose none" }).click();
  await noneChosen(page);
});

browserTest("those chosen are canceled, and deleted, by who may", async ({ world, open }) => {
  const visit = await open({ ...DARK_PHONE, at: "/jobs?queue=reports" });
  const { page } = visit;
  await shows(page, "waiting-1", "waiting-2", "waiting-3");
  await page.getByRole("checkbox", { name: "Choose waiting-1" }).check();
  await page.getByRole("checkbox", { name: "Choose waiting-3" }).check();
  await visit.fits();
  await act(page, "Cancel");
  await answer(page, "Keep as it is");
  assertEquals(await statusOf(world, "waiting-1"), "ready");
  await act(page, "Cancel");
  await answer(page, "Cancel 2 jobs");
  await becomes(world, "waiting-1", "canceled");
  await becomes(world, "waiting-3", "canceled");
  assertEquals(await statusOf(world, "waiting-2"), "ready");
  await noneChosen(page);

  await page.getByRole("checkbox", { name: "Choose waiting-3" }).check();
  await act(page, "Delete");
  await answer(page, "Delete 1 job");
  await becomes(world, "waiting-3", undefined);
  await shows(page, "waiting-1", "waiting-2");

  const other = await open({ as: "otto", at: "/jobs?queue=reports" });
  await other.page.getByRole("checkbox", { name: "Choose waiting-1" }).check();
  const group = other.page.getByRole("group", { name: "What to do" });
  await group.getByRole("button", { name: "Retry" }).waitFor();
  assertEquals(await group.getByRole("button", { name: "Delete" }).count(), 0);
});

for (
  const { look, at: from, ids, name, done, status } of [
    {
      look: DESK!,
      at: "/jobs?status=dead_letter&type=email.bounce",
      ids: ["bounce-1", "bounce-2", "bounce-3"],
      name: "Delete",
      done: "Deleted: 3",
      status: undefined,
    },
    {
      look: DARK_PHONE!,
      at: "/jobs?queue=reports",
      ids: ["waiting-1", "waiting-2", "waiting-3"],
      name: "Cancel",
      done: "Canceled: 3",
      status: "canceled",
    },
  ]
) {
  browserTest(`after a question, with all that match: ${name}`, async ({ world, open }) => {
    const visit = await open({ ...look, at: from });
    const { page } = visit;
    await shows(page, ...ids);
    await page.getByRole("button", { name: "Act on all that match…" }).click();
    await act(page, name);
    const dialog = page.getByRole("dialog", { name: `${name} 3 jobs?` });
    await dialog.getByText(/type email.bounce|queue reports/).waitFor();
    await visit.fits();
    await answer(page, `${name} 3 jobs`);
    const watch = page.getByRole("region", { name: "What is being done" });
    await watch.getByText("completed").waitFor();
    await watch.getByText(done).waitFor();
    for (const id of ids) await becomes(world, id, status);
    assertEquals(await statusOf(world, "crash-1"), "dead_letter");
    if (status === undefined) await page.getByText("No job matches").waitFor();
    else await rows(page).getByText(status).nth(2).waitFor();
    assert(at(visit).includes("op="));
    await watch.getByRole("button", { name: "Dismiss" }).click();
    await watch.waitFor({ state: "detached" });
    await visit.fits();
  });
}

browserTest("more rows are shown on request, and all of them chosen", async ({ world, open }) => {
  const ids = await enqueueMany(world, 120);
  const visit = await open({ ...DESK, at: "/jobs?queue=bulk" });
  const { page } = visit;
  await until(async () => await rows(page).count() === 50, "a page of rows");
  await page.getByRole("checkbox", { name: "Choose all of this page" }).check();
  await page.getByText("50 jobs chosen").waitFor();
  await page.getByRole("button", { name: "All that match instead" }).waitFor();
  for (const count of [100, 120]) {
    await page.getByRole("button", { name: "Show more" }).click();
    await until(async () => await rows(page).count() === count, `${count} rows`);
  }
  await page.getByText("50 jobs chosen").waitFor();
  assertEquals(await page.getByRole("button", { name: "Show more" }).count(), 0);
  const shown = await rows(page).evaluateAll((all) =>
    all.map((row) => row.getAttribute("data-key"))
  );
  assertEquals(shown.toSorted(), ids.toSorted());
  await page.getByRole("checkbox", { name: "Choose all of this page" }).check();
  await act(page, "Delete");
  await answer(page, "Delete 120 jobs");
  await until(async () => await statusOf(world, ids[0]!) === undefined, "they are gone");
  await page.getByText("No job matches").waitFor();
});

browserTest("a new job appears, and nothing is lost by it", async ({ world, open }) => {
  await enqueueMany(world, 45);
  const visit = await open({ ...PHONE, at: "/jobs?queue=bulk" });
  const { page } = visit;
  await until(async () => await rows(page).count() === 45, "all rows");
  await page.getByRole("checkbox").nth(40).check();
  const chosen = page.locator("tbody tr.is-chosen");
  const key = await chosen.getAttribute("data-key");
  await page.evaluate(scrollTo, 700);
  const before = await chosen.boundingBox();
  await world.client.enqueue("report.write", {}, { id: "new-1", queue: "bulk" });
  await page.locator("tbody tr[data-key=new-1]").waitFor();
  await until(
    async () => Math.abs((await chosen.boundingBox())!.y - before!.y) < 5,
    "what was looked at has not moved",
  );
  assertEquals(await chosen.getAttribute("data-key"), key);
  assert(await page.evaluate(scrollOf) >= 700);
});

browserTest("what cannot be read is said, and read when asked again", async ({ open }) => {
  const visit = await open({ ...DESK, at: "/queues" });
  const { page } = visit;
  visit.expect(/^500 GET \/api\/v1\/search$/);
  await page.route(
    "**/api/v1/search?*",
    (route) =>
      route.fulfill({ status: 500, json: { error: "the store is on fire", code: "INTERNAL" } }),
  );
  await visit.go("/jobs");
  await page.getByRole("alert").getByText("the store is on fire").waitFor();
  await page.unrouteAll({ behavior: "wait" });
  await page.getByRole("button", { name: "Try again" }).click();
  await rows(page).first().waitFor();
  assertEquals(await page.getByRole("alert").count(), 0);
});

browserTest("while jobs are read, that is shown", async ({ open }) => {
  const visit = await open({ ...PHONE, at: "/queues" });
  const { page } = visit;
  const held = gate();
  await page.route("**/api/v1/search?*", async (route) => {
    await held.opened;
    await route.continue();
  });
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("link", { name: "Jobs", exact: true }).click();
  await page.getByRole("status", { name: "Loading" }).waitFor();
  await page.getByRole("group", { name: "Status" }).waitFor();
  held.open();
  await rows(page).first().waitFor();
  await page.unrouteAll({ behavior: "wait" });
});

browserTest("a list of nothing says so", async ({ open }) => {
  const { page } = await open({ ...DARK_DESK, at: "/jobs" });
  await page.getByText("There are no jobs").waitFor();
  assertEquals(await page.getByRole("button", { name: "Act on all that match…" }).count(), 0);
}, { isEmpty: true });

/** Enqueues jobs that wait in the queue `bulk`. */
async function enqueueMany({ client }: BrowserWorld, count: number): Promise<string[]> {
  await client.control.pause({ queue: "bulk" });
  const ids = Array.from({ length: count }, (_, n) => `bulk-${n}`);
  for (const id of ids) await client.enqueue("report.write", {}, { id, queue: "bulk" });
  return ids;
}
