/** What is done with failed jobs: with one, some, a kind, all; asked for, watched, stopped, and right in the store. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { memoryStore } from "../../mod.ts";
import { DecoratedStore } from "../support/decorated_store.ts";
import { gate } from "../support/world.ts";
import { browserTest, looks, type Visit } from "./support/browser.ts";
import { until } from "./support/until.ts";
import type { BrowserWorld } from "./support/world.ts";

const BOUNCED = ["bounce-1", "bounce-2", "bounce-3"];

/** Opens the kind of failure whose message holds a text. */
async function openKind(visit: Visit, message: string): Promise<Page> {
  const { page } = visit;
  await visit.go("/failed");
  await page.getByRole("table", { name: "Failures" }).getByRole("link", { name: message }).click();
  await page.getByRole("table", { name: "Jobs" }).waitFor();
  return page;
}

/** Answers the question that is shown. */
async function answer(page: Page, title: string | RegExp, button: string): Promise<void> {
  const dialog = page.getByRole("dialog", { name: title });
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Waits until jobs are dead letters after so many attempts. */
async function failedAgain(
  { client }: BrowserWorld,
  ids: readonly string[],
  attempts: number,
): Promise<void> {
  for (const id of ids) {
    await until(async () => {
      const job = await client.getJob(id);
      return job?.status === "dead_letter" && job.attempts.length === attempts;
    }, `${id} has failed again`);
  }
}

browserTest("one job is retried, and deleted", async ({ world, open }) => {
  const visit = await open(looks[2]);
  const page = await openKind(visit, "disk");
  await page.getByRole("button", { name: "Retry crash-1" }).click();
  await page.getByText("Retried: 1 job").waitFor();
  await failedAgain(world, ["crash-1"], 2);
  await page.getByRole("row").filter({ hasText: "crash-1" }).waitFor();
  await page.getByText("2 attempts, the first").waitFor();

  await page.getByRole("button", { name: "Delete crash-1" }).click();
  await visit.fits();
  await answer(page, "Delete 1 job?", "Keep as it is");
  assertEquals((await world.client.getJob("crash-1"))?.status, "dead_letter");
  await page.getByRole("button", { name: "Delete crash-1" }).click();
  await answer(page, "Delete 1 job?", "Delete 1 job");
  await page.getByText("No such job is kept as failed now").waitFor();
  assertEquals(await world.client.getJob("crash-1"), null);
});

browserTest("some that are chosen are retried, others deleted", async ({ world, open }) => {
  const visit = await open();
  const page = await openKind(visit, "mailbox");
  const chosen = page.getByRole("group", { name: "With the chosen jobs" });
  await page.getByLabel("Choose bounce-1").check();
  await page.getByLabel("Choose bounce-2").check();
  assertMatch(page.url(), /chosen=bounce-1%2Cbounce-2/);
  await page.reload();
  await chosen.getByText("2 chosen").waitFor();
  await chosen.getByRole("button", { name: "Retry" }).click();
  await answer(page, "Retry 2 jobs?", "Retry 2 jobs");
  await page.getByText("Retried: 2 jobs").waitFor();
  await failedAgain(world, ["bounce-1", "bounce-2"], 4);
  assertEquals((await world.client.getJob("bounce-3"))?.attempts.length, 2);
  await chosen.getByText("None chosen").waitFor();

  await page.getByLabel("Choose bounce-1").check();
  await page.getByLabel("Choose bounce-3").check();
  await chosen.getByRole("button", { name: "Delete" }).click();
  await answer(page, "Delete 2 jobs?", "Delete 2 jobs");
  await page.getByText("Deleted: 2 jobs").waitFor();
  await page.getByRole("row").filter({ hasText: "bounce-1" }).waitFor({ state: "detached" });
  assertEquals(await world.client.getJob("bounce-1"), null);
  assertEquals(await world.client.getJob("bounce-3"), null);
  await page.getByRole("row").filter({ hasText: "bounce-2" }).waitFor();
});

browserTest("a whole kind is retried, and it is watched", async ({ world, open }) => {
  const visit = await open();
  const page = await openKind(visit, "mailbox");
  await page.getByRole("button", { name: "Retry all" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("the mail server is back");
  await answer(page, "Retry 3 jobs?", "Retry 3 jobs");
  const watched = page.getByRole("region", { name: "What is being done" });
  await watched.getByText("completed").waitFor();
  await watched.getByText("Retried: 3").waitFor();
  await failedAgain(world, BOUNCED, 4);
  assertMatch(page.url(), /op=/);
  await watched.getByRole("button", { name: "Dismiss" }).click();
  await watched.waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Delete all" }).click();
  await answer(page, "Delete 3 jobs?", "Delete 3 jobs");
  await watched.getByText("Deleted: 3").waitFor();
  await page.getByText("No such job is kept as failed now").waitFor();
  const left = await Promise.all([...BOUNCED, "crash-1"].map((id) => world.client.getJob(id)));
  assertEquals(left.map((job) => job?.status), [undefined, undefined, undefined, "dead_letter"]);
  await page.getByRole("button", { name: "See those that wait for a retry" }).click();
  await page.getByRole("row").filter({ hasText: "retry-1" }).waitFor();
});

browserTest(
  "a kind is retried from the list, and all failed are deleted",
  async ({ world, open }) => {
    const { page } = await open({ theme: "dark", at: "/failed" });
    const bounced = page.getByRole("row").filter({ hasText: "TypeError" });
    await bounced.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("dialog").getByText("mailbox").waitFor();
    await answer(page, "Retry 3 jobs?", "Retry 3 jobs");
    await failedAgain(world, BOUNCED, 4);

    await page.getByRole("button", { name: "Delete all failed" }).click();
    await answer(page, "Delete 4 jobs?", "Delete 4 jobs");
    await page.getByText("Deleted: 4").waitFor();
    for (const id of [...BOUNCED, "crash-1"]) assertEquals(await world.client.getJob(id), null);
    assertEquals((await world.client.getJob("retry-1"))?.status, "retry");
  },
);

browserTest("jobs that wait for a retry run now, or are canceled", async ({ world, open }) => {
  const visit = await open();
  const page = await openKind(visit, "mailbox");
  await page.getByRole("button", { name: "Waiting for a retry" }).click();
  await page.getByRole("button", { name: "Run now retry-1" }).click();
  const job = () => world.client.getJob("retry-1");
  await until(async () => (await job())?.attempts.length === 2, "retry-1 has run");
  await until(async () => (await job())?.status === "retry", "retry-1 waits again");
  await page.getByRole("row").filter({ hasText: "retry-1" }).getByRole("cell", { name: "2" })
    .waitFor();
  await page.getByRole("button", { name: "Cancel all" }).click();
  await answer(page, /^Cancel /, "Cancel 1 job");
  await until(async () => (await job())?.status === "canceled", "retry-1 is canceled");
  await page.getByText("None of them waits for a retry").waitFor();
});

const held = gate();
const slow = new DecoratedStore(memoryStore());

browserTest("what is done with many is stopped in the middle", async ({ world, open }) => {
  const ids = Array.from({ length: 250 }, (_, n) => `many-${n}`);
  for (const id of ids) await world.client.enqueue("report.crash", {}, { id });
  await failedAgain(world, ids, 1);
  let step = 0;
  slow.on("act", async ({ run }) => {
    if (++step > 1) await held.opened;
    return await run();
  });
  const { page } = await open({ at: "/failed?type=report.crash" });
  await page.getByRole("button", { name: "Delete all failed" }).click();
  await answer(page, "Delete 251 jobs?", "Delete 251 jobs");
  const watched = page.getByRole("region", { name: "What is being done" });
  await watched.getByText("running").waitFor();
  await watched.getByText("Deleted: 100").waitFor();
  await watched.getByRole("progressbar").waitFor();
  await watched.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("dialog").getByText("100 jobs").waitFor();
  await answer(page, /^Stop /, "Stop it");
  await watched.getByText("canceling").waitFor();
  held.open();
  await watched.getByText("canceled").waitFor();
  await watched.getByText("Deleted: 200").waitFor();
  const left = await Promise.all([...ids, "crash-1"].map((id) => world.client.getJob(id)));
  assertEquals(left.filter((job) => job !== null).length, 51);
}, { store: () => slow });
