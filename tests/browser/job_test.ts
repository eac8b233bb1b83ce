/** The page of one job: what it tells. */

import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import type { Server } from "../../mod.ts";
import { gate } from "../support/world.ts";
import { browserTest, looks } from "./support/browser.ts";
import { clipboardText } from "./support/in_page.js";
import { becomes, tells } from "./support/jobs.ts";

const [DESK, DARK_DESK, PHONE, DARK_PHONE] = looks;

/** A part of the page, by how its heading begins. */
function card(page: Page, title: string): Locator {
  return page.locator("section.card").filter({
    has: page.getByRole("heading", { name: new RegExp(`^${title}`), level: 2 }),
  });
}

for (const look of [DESK, DARK_PHONE]) {
  browserTest(`a failed job says why, and where: ${look!.width} px`, async ({ open }) => {
    const visit = await open({ ...look, at: "/jobs/bounce-1" });
    const { page } = visit;
    await card(page, "email.bounce").getByText('mailbox {"to":1} does not exist').waitFor();
    const attempts = card(page, "Attempts").getByRole("listitem");
    assertEquals(await attempts.count(), 2);
    const newest = attempts.first();
    await newest.getByText("dead letter").waitFor();
    await newest.getByText("TypeError:").waitFor();
    await newest.getByText(/world\.ts:\d+/).waitFor();
    const first = attempts.last();
    assertEquals(await first.getByText(/world\.ts:\d+/).isVisible(), false);
    await first.getByText("Stack").click();
    await first.getByText(/world\.ts:\d+/).waitFor();
    await visit.fits();
    await page.getByRole("link", { name: "Jobs that failed the same way" }).click();
    await page.getByRole("table", { name: "Jobs" }).waitFor();
    await page.getByText("same failure").waitFor();
    const keys = await page.locator("tbody tr").evaluateAll((all) =>
      all.map((row) => row.getAttribute("data-key"))
    );
    assert(keys.includes("bounce-1") && !keys.includes("crash-1"), keys.join());
  });
}

browserTest("a payload is a tree that folds, unfolds and is copied", async ({ world, open }) => {
  const payload = {
    html: "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "<b>name</b>": [1, true, null],
    "a b": { deep: { deeper: { deepest: "here" } } },
    "__proto__ ": "",
    text: "line\n".repeat(400),
  };
  await world.client.enqueue("email.send", payload, { id: "tree-1", queue: "mail" });
  await becomes(world, "tree-1", "completed");
  const visit = await open({ ...DARK_DESK, at: "/jobs/tree-1" });
  const { page } = visit;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const tree = card(page, "Payload");
  await tree.getByText(JSON.stringify(payload.html)).waitFor();
  await tree.getByText("<b>name</b>:").waitFor();
  assertEquals(await page.locator("main script, main img, main b").count(), 0);

  assertEquals(await tree.getByText("deepest").count(), 0);
  await tree.getByRole("button", { name: "Unfold all: Payload" }).click();
  await tree.getByText("deepest").waitFor();
  await tree.getByText("a b:").click();
  await tree.getByText("deepest").waitFor({ state: "detached" });
  await tree.getByRole("button", { name: "Fold: Payload" }).click();
  await tree.getByText("a b:").waitFor();

  assertEquals(await tree.locator("pre").count(), 0);
  await tree.getByRole("button", { name: "All 2000 characters" }).click();
  assertEquals((await tree.locator("pre").textContent())?.length, 2000);

  await tells(page, "Copied", () => tree.getByRole("button", { name: "Copy: Payload" }).click());
  assertEquals(JSON.parse(await page.evaluate(clipboardText)), payload);
  await card(page, "Result").getByText("sent:").waitFor();
});

browserTest("a payload of a megabyte is shown part by part", async ({ world, open }) => {
  const lines = Array.from({ length: 9000 }, (_, n) => ({ n, text: "x".repeat(90) }));
  await world.client.control.pause({ queue: "bulk" });
  await world.client.enqueue("report.write", { lines }, { id: "big-1", queue: "bulk" });
  const visit = await open({ ...PHONE, at: "/jobs/big-1" });
  const { page } = visit;
  const tree = card(page, "Payload");
  await tree.getByText("[9000]").click();
  await tree.getByRole("button", { name: "8800 more" }).click();
  await tree.getByRole("button", { name: "8600 more" }).waitFor();
  assert(await tree.locator("*").count() < 3000);
  await tree.getByText("399: ").click();
  await tree.getByText("n: 399").waitFor();
  await visit.fits();
  await page.getByRole("button", { name: "Edit payload…" }).click();
  await page.getByRole("button", { name: "Save" }).waitFor();
});

browserTest("what is redacted says so, to whom it is", async ({ open }) => {
  const { page } = await open({ ...DARK_PHONE, as: "vera", at: "/jobs/secret-1" });
  for (const title of ["Payload", "Meta"]) {
    const place = card(page, title).getByText("password: redacted");
    await place.waitFor();
    assertEquals(
      await place.getByText("redacted", { exact: true }).getAttribute("title"),
      "Your role is not shown this",
    );
  }
  assertEquals((await page.content()).includes("hunter"), false);
  assertEquals(
    await page.locator("main").getByRole("button", { name: /Retry|again|Edit|Delete/ }).count(),
    0,
  );

  const admin = await open({ ...DESK, at: "/jobs/secret-1" });
  await card(admin.page, "Payload").getByText("hunter2-secret").waitFor();
  await card(admin.page, "Meta").getByText("hunter3-secret").waitFor();
});

const [half, end] = [gate(), gate()];

browserTest("progress and log lines appear while it runs", async ({ world, open }) => {
  await world.client.enqueue("film.cut", {}, { id: "cut-1" });
  await becomes(world, "cut-1", "processing");
  const visit = await open({ ...DARK_DESK, at: "/jobs/cut-1" });
  const { page } = visit;
  await card(page, "film.cut").getByText("processing").waitFor();
  await card(page, "Log").getByText("began <i>now</i>").waitFor();
  half.open();
  await card(page, "film.cut").getByText("50 %").waitFor();
  await card(page, "film.cut").getByText("half of it").waitFor();
  await card(page, "Log").getByText("second half").waitFor();
  end.open();
  await card(page, "film.cut").getByText("completed").waitFor();
  await card(page, "Result").getByText("frames: 24").waitFor();
}, {
  prepare: (server: Server) =>
    server.handle("film.cut", async ({ log, progress }) => {
      await log("began <i>now</i>");
      await half.opened;
      await progress(0.5, "half of it");
      await log("second half");
      await end.opened;
      return { frames: 24 };
    }),
});

browserTest("parents and children lead to each other", async ({ world, open }) => {
  const visit = await open({ ...PHONE, at: "/jobs/charge-1" });
  const { page } = visit;
  const heading = page.getByRole("heading", { level: 1 });
  await card(page, "Parents: 1").getByText("completed").waitFor();
  assertEquals(await card(page, "Children: 2").getByText("deferred").count(), 2);
  await visit.fits();
  await card(page, "Children: 2").getByRole("link", { name: "order.ship" }).click();
  await heading.getByText("ship-1").waitFor();
  await card(page, "Parents: 1").getByText("waiting").waitFor();
  world.release();
  await card(page, "order.ship").getByText("completed").waitFor();
  await card(page, "Parents: 1").getByRole("link", { name: "order.charge" }).click();
  await heading.getByText("charge-1").waitFor();
  await card(page, "Parents: 1").getByRole("link", { name: "Graph" }).waitFor();
});

browserTest("a job that is not there, or goes, says so", async ({ world, open }) => {
  const visit = await open({ ...DARK_DESK, at: "/jobs/waiting-1" });
  const { page } = visit;
  await page.getByRole("button", { name: "Edit payload…" }).waitFor();
  visit.allow(/^404 GET \/api\/v1\/jobs\/waiting-1\/details$/); // a page that reads it just then
  await world.client.control.remove("waiting-1");
  await page.getByText("This job was removed.").waitFor();
  await card(page, "Payload").getByText("n: 1").waitFor();
  assertEquals(await page.getByRole("button", { name: "Edit payload…" }).count(), 0);

  visit.expect(/^404 GET \/api\/v1\/jobs\/nope\/details$/);
  await visit.go("/jobs/nope");
  await page.getByText("There is no job with this id").waitFor();
  visit.expect(/^400 GET \/api\/v1\/jobs\/.*%F0%9F%8E%89.*\/details$/);
  await visit.go(`/jobs/${encodeURIComponent(`a/b "c" 'd' 🎉 <i>?#%`)}`);
  await page.getByText("There is no job with this id").waitFor();
  await page.getByRole("heading", { level: 1 }).getByText(`a/b "c" 'd' 🎉 <i>?#%`).waitFor();
  await page.getByRole("link", { name: "Look for it in all jobs" }).click();
  await page.getByText("No job matches").waitFor();
});
