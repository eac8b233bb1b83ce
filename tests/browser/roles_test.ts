/** What people are shown by their roles: whatever there is to press, they may do; whatever is read, they may read. */

import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { mayUse, type Role } from "../../src/monitor/auth/principal.ts";
import { Router } from "../../src/monitor/route.ts";
import { routes } from "../../src/monitor/routes.ts";
import { browserTest, type Visit } from "./support/browser.ts";
import { namesOf, pressFirst } from "./support/in_page.js";
import { until } from "./support/until.ts";

const LISTS = [
  ...["/", "/jobs", "/failed", "/queues", "/servers", "/schedules", "/dag", "/limits", "/alerts"],
  ...["/operations", "/audit", "/queues/mail", "/jobs/bounce-1", "/jobs/retry-1"],
  ...["/jobs?chosen=bounce-1,sent-1", "/schedules/each-hour"],
];
/** What is in queues that `mel` does not see. */
const OTHERS = ["/jobs/encode-1", "/jobs/later-1", "/queues/reports", "/dag/order-1"];

/** What opens a form, and who may send it; all else is pressed to the end. */
const FORMS: Readonly<Record<string, Role>> = {
  "Edit payload…": "operator",
  "Priority…": "operator",
  "New limit…": "admin",
  "Change the limit of type video.encode": "admin",
  "New schedule": "admin",
};
/** Words that say that something is done; other buttons only change what is shown. */
const DEEDS =
  /^(?:Acknowledge|Cancel|Change|Clear…|Delete|Edit|Empty|End|Enqueue|New|Pause|Priority|Promote|Resume|Retry|Run|Silence|Stop)(?![a-z])/;

const people = [
  { who: "ada", role: "admin", pages: [...LISTS, ...OTHERS] },
  { who: "otto", role: "operator", pages: [...LISTS, ...OTHERS] },
  { who: "mel", role: "operator", pages: LISTS },
  { who: "vera", role: "viewer", pages: [...LISTS, ...OTHERS] },
] as const;
/** Words of buttons that each of them finds somewhere. */
const found: Readonly<Record<string, string>> = {
  ada: "Cancel Change Clear Delete Edit Empty Enqueue New Pause Priority Resume Retry Run",
  otto: "Cancel Edit Enqueue Pause Priority Resume Retry Run",
  mel: "Cancel Edit Enqueue Pause Priority Retry Run",
  vera: "",
};

const router = new Router(routes);

for (const { who, role, pages } of people) {
  browserTest(`${who} finds nothing that is not for the role ${role}`, async ({ open }) => {
    const visit = await open({ as: who });
    visit.allow(/^409 /);
    const changes = await holdChanges(visit.page);
    const words = new Set<string>();
    for (const at of pages) {
      await visit.go(at);
      for (const name of await pressable(visit.page)) {
        words.add(name.match(/^\w+/)?.[0] ?? name);
        // Once more, as what was pressed before may have changed what is chosen.
        await visit.go(at);
        await press(visit, { name, role });
      }
    }
    for (const change of changes) {
      const [method = "", path = ""] = change.split(" ");
      const match = router.match(method, path);
      assert(match.kind === "found", change);
      assert(mayUse(role, match.route.access), `${change} is not for the role ${role}`);
      assert(who !== "mel" || !/\/(?:limits|v1\/types)\//.test(path), `${change} is of all queues`);
    }
    assertEquals([...words].sort().join(" "), found[who]);
    await visit.go("/schedules/each-hour");
    const edit = visit.page.getByRole("link", { name: "Edit" });
    assertEquals(await edit.count(), role === "admin" ? 1 : 0);
  });
}

/** Changes come to nothing from now on; tells which were asked for. */
async function holdChanges(page: Page): Promise<string[]> {
  const changes: string[] = [];
  await page.route((url) => url.pathname.startsWith("/api/"), async (route) => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    // These change nothing.
    if (request.method() === "GET" || pathname.endsWith("preview")) return await route.continue();
    changes.push(`${request.method()} ${pathname}`);
    await route.fulfill({ status: 409, json: { error: "not now", code: "CONFLICT" } });
  });
  return changes;
}

/** Names of the buttons that do something, one for each thing. */
async function pressable(page: Page): Promise<string[]> {
  const buttons = page.locator("main button:visible:enabled");
  const names = new Map<string, string>();
  for (const name of (await buttons.evaluateAll(namesOf as never)) as string[]) {
    const [word = ""] = name.split(" ");
    if (DEEDS.test(name) && !names.has(word)) names.set(word, name);
  }
  return [...names.values()];
}

interface Pressed {
  readonly name: string;
  readonly role: Role;
}

/** Presses a button, and whatever it asks then. */
async function press({ page }: Visit, { name, role }: Pressed): Promise<void> {
  const dialog = page.getByRole("dialog");
  const toasts = page.locator(".toast");
  await page.locator("main").getByRole("button", { name, exact: true }).first().click();
  const isAsked = async (): Promise<boolean> => await dialog.count() > 0;
  // Each ends in a message: that it was refused, or that there was nothing to do.
  const isDone = async (): Promise<boolean> => await toasts.count() > 0;
  await until(async () => await isAsked() || await isDone(), `'${name}' does something`);
  const form = FORMS[name];
  if (form !== undefined) assert(mayUse(role, form), `${name} is not for the role ${role}`);
  else if (!await isDone()) {
    await answer(dialog);
    await until(isDone, `'${name}' is done`);
  }
  while (await isAsked()) {
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
  while (await toasts.count() > 0) {
    const dismiss = toasts.getByRole("button", { name: "Dismiss" });
    await dismiss.evaluateAll(pressFirst as never);
  }
}

/** Says yes. */
async function answer(dialog: Locator): Promise<void> {
  const word = dialog.locator("label code");
  if (await word.count() > 0) await dialog.getByRole("textbox").fill(await word.innerText());
  await dialog.getByRole("button").last().click();
}

browserTest("what is refused after all is told, and the page goes on", async ({ open }) => {
  const visit = await open({ as: "vera" });
  visit.expect(/^403 POST \/api\/v1\/queues\/mail\/pause$/);
  const { page } = visit;
  // As if her role had been taken from her since the page was opened.
  await page.route("**/auth/session", async (route) => {
    const response = await route.fetch();
    const { user, login } = await response.json();
    await route.fulfill({ response, json: { user: { ...user, role: "admin" }, login } });
  });
  await page.reload();
  await visit.go("/queues");
  await page.getByRole("button", { name: "Pause queue mail" }).click();
  const pause = page.getByRole("dialog").getByRole("button", { name: "Pause" });
  const refusal = page.getByText("this needs the role 'operator'");
  await pause.or(refusal).first().waitFor();
  if (await pause.isVisible()) await pause.click();
  await refusal.waitFor();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByRole("button", { name: "Pause queue mail" }).waitFor();
});

browserTest("a page for admins is not asked for by others", async ({ open }) => {
  const { page } = await open({ as: "otto", at: "/audit" });
  await page.getByText("This page is for admins of all queues").waitFor();
  assertEquals(await page.getByRole("navigation").getByText("Audit").count(), 0);
});
