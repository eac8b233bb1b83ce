/** Graphs of jobs: the list of them, and the picture of one. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Client } from "../../mod.ts";
import { browserTest, looks, type Visit } from "./support/browser.ts";
import { until } from "./support/until.ts";

const MANY = 505;

/** The picture of a job, by what people are told of it. */
function node(visit: Visit, name: string | RegExp) {
  return visit.page.locator(".graph-frame").getByRole("button", { name });
}

async function boxOf(visit: Visit, name: string | RegExp) {
  const box = await node(visit, name).boundingBox();
  assert(box !== null);
  return box;
}

/** Whether a job is seen within the frame of the graph. */
async function isInFrame(visit: Visit, name: string | RegExp): Promise<boolean> {
  const frame = await visit.page.locator(".graph-frame").boundingBox();
  const { x, y, width, height } = await boxOf(visit, name);
  return frame !== null && x >= frame.x && y >= frame.y &&
    x + width <= frame.x + frame.width && y + height <= frame.y + frame.height;
}

/** Waits until a job is drawn in another size. */
async function untilWidth(visit: Visit, name: RegExp, isSo: (width: number) => boolean) {
  await until(async () => isSo((await boxOf(visit, name)).width), `${name} has another size`);
}

/** A job that fails, one that is canceled by that, and one that runs all the same. */
async function enqueueFailure(client: Client): Promise<void> {
  const queue = "orders";
  await client.enqueueGraph({
    bad: { type: "report.crash", payload: {}, options: { id: "bad-1", queue } },
    gone: { type: "order.ship", payload: {}, dependsOn: ["bad"], options: { id: "gone-1", queue } },
    still: {
      type: "order.invoice",
      payload: {},
      dependsOn: [{ job: "bad", onFailure: "continue" }],
      options: { id: "still-1", queue },
    },
  });
  await until(
    async () =>
      (await client.getJob("gone-1"))?.status === "canceled" &&
      (await client.getJob("still-1"))?.status === "completed",
    "the children of a job that failed are done with",
  );
}

for (const look of looks) {
  browserTest(
    `a graph shows what waits for what: ${look.theme}, ${look.width} px`,
    async ({ world, open }) => {
      await enqueueFailure(world.client);
      const visit = await open({ ...look, at: "/dag" });
      const { page } = visit;
      await visit.fits();
      await page.getByRole("link", { name: "order.place" }).click();
      // What it is told in words is not told by colours alone.
      await node(visit, "order.place, completed · orders, the job of this graph").waitFor();
      await node(visit, "order.charge, processing · orders").waitFor();
      await node(visit, "order.ship, deferred · orders").waitFor();
      await node(visit, "order.invoice, deferred · orders").waitFor();
      await page.getByRole("button", { name: "deferred 2" }).waitFor();
      await visit.fits();
      // One of them, beside the graph, and in full.
      await node(visit, /^order.charge/).click();
      await page.getByRole("heading", { name: "order.charge", level: 2 }).waitFor();
      await page.getByRole("heading", { name: "Children 2" }).waitFor();
      await page.getByRole("heading", { name: "Parents 1" }).waitFor();
      assertEquals(await node(visit, /^order.charge/).getAttribute("aria-pressed"), "true");
      assert(page.url().includes("node=charge-1"));
      await visit.settled();
      await visit.fits();
      await page.getByRole("link", { name: "Open the job" }).click();
      await page.getByRole("heading", { name: "charge-1", level: 1 }).waitFor();
      // What went wrong, and what that meant for others.
      await visit.go("/dag/bad-1");
      await node(visit, "report.crash, dead letter · orders, the job of this graph").waitFor();
      await node(visit, "order.ship, canceled · orders").waitFor();
      await node(visit, "order.invoice, completed · orders").waitFor();
      await page.getByText("<b>disk</b> is full").waitFor();
      await visit.fits();
    },
  );
}

browserTest(
  "the list of graphs is narrowed, and leads from page to page",
  async ({ world, open }) => {
    for (let n = 1; n <= 51; n++) {
      await world.client.enqueue("report.write", {}, { id: `many-${n}`, queue: "reports" });
      await world.client.enqueue("order.ship", {}, {
        ...{ id: `after-${n}`, queue: "orders", dependsOn: [`many-${n}`] },
      });
    }
    const visit = await open({ at: "/dag" });
    const { page } = visit;
    const rows = page.getByRole("table").getByRole("row");
    await page.getByText("1 to 50 of 53").waitFor();
    assertEquals(await rows.count(), 51);
    assert(await page.getByRole("button", { name: "Newer" }).isDisabled());
    await page.getByRole("button", { name: "Older" }).click();
    await page.getByText("51 to 53 of 53").waitFor();
    assertEquals(await rows.count(), 4);
    assert(page.url().includes("page=2"));
    await page.getByRole("button", { name: "Newer" }).click();
    await page.getByText("1 to 50 of 53").waitFor();
    await page.getByLabel("Type").fill("order.charge");
    await page.getByLabel("Type").press("Enter");
    await page.getByText("1 to 1 of 1").waitFor();
    await page.getByRole("link", { name: "order.charge" }).waitFor();
    await page.getByLabel("Queue").fill("reports");
    await page.getByLabel("Queue").press("Enter");
    await page.getByText("There is none here").waitFor();
    assert(page.url().includes("type=order.charge&queue=reports"));
    await page.getByRole("button", { name: "Show all" }).click();
    await page.getByText("1 to 50 of 53").waitFor();
    // By the keyboard alone.
    await page.getByRole("row").nth(1).focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "many-50", level: 1 }).waitFor();
  },
);

browserTest("a graph is gone through and zoomed by keys", async ({ open }) => {
  const visit = await open({ at: "/dag/order-1" });
  const { page } = visit;
  await node(visit, /^order.place/).focus();
  const untilFocused = async (id: RegExp): Promise<string> => {
    const focused = page.locator(".graph-node:focus[aria-pressed=true]");
    const idOf = async () => await focused.getAttribute("data-id") ?? "";
    await until(async () => id.test(await idOf()), `the focus is on ${id}`);
    return await idOf();
  };
  for (
    const [key, id] of [
      ["ArrowRight", /^charge-1$/],
      ["ArrowRight", /^(?:ship|invoice)-1$/],
      ["ArrowLeft", /^charge-1$/],
      ["Home", /^order-1$/],
      ["ArrowRight", /^charge-1$/],
      ["ArrowRight", /^(?:ship|invoice)-1$/],
    ] as const
  ) {
    await page.keyboard.press(key);
    await untilFocused(id);
  }
  // The two of the last column, from the upper to the lower one and back.
  await page.keyboard.press("ArrowUp");
  const upper = await untilFocused(/^(?:ship|invoice)-1$/);
  const lower = upper === "ship-1" ? "invoice-1" : "ship-1";
  await page.keyboard.press("ArrowDown");
  await untilFocused(new RegExp(lower));
  await page.keyboard.press("ArrowUp");
  await untilFocused(new RegExp(upper));
  const { width } = await boxOf(visit, /^order.place/);
  await page.keyboard.press("+");
  await untilWidth(visit, /^order.place/, (now) => now > width * 1.2);
  await page.keyboard.press("-");
  await page.keyboard.press("-");
  await untilWidth(visit, /^order.place/, (now) => now < width * 0.9);
  await page.keyboard.press("0");
  await untilWidth(visit, /^order.place/, (now) => Math.abs(now - width) < 1);
});

browserTest("a graph is zoomed by wheel, buttons and two fingers, and moved", async ({ open }) => {
  const visit = await open({ at: "/dag/order-1" });
  const { page } = visit;
  const name = /^order.charge/;
  const first = await boxOf(visit, name);
  const middle = { x: first.x + first.width / 2, y: first.y + first.height / 2 };
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.wheel(0, -200);
  await untilWidth(visit, name, (now) => now > first.width * 1.2);
  // What the pointer is on stays below it.
  const larger = await boxOf(visit, name);
  assert(Math.abs(larger.x + larger.width / 2 - middle.x) < 2, JSON.stringify(larger));
  await page.getByRole("button", { name: "Smaller" }).click();
  await untilWidth(visit, name, (now) => now < larger.width * 0.9);
  await page.getByRole("button", { name: "Larger" }).click();
  await untilWidth(visit, name, (now) => Math.abs(now - larger.width) < 1);
  // Moved by the mouse; the job below it is not chosen by that.
  const before = await boxOf(visit, name);
  await page.mouse.move(before.x + 20, before.y + 20);
  await page.mouse.down();
  await page.mouse.move(before.x - 40, before.y + 80, { steps: 4 });
  await page.mouse.up();
  await until(
    async () => Math.abs((await boxOf(visit, name)).x - before.x + 60) < 1,
    "it has moved",
  );
  assertEquals(await node(visit, name).getAttribute("aria-pressed"), "false");
  await page.getByRole("button", { name: "Show all" }).click();
  await untilWidth(visit, name, (now) => Math.abs(now - first.width) < 1);
  await pinch(visit, middle);
  await untilWidth(visit, name, (now) => now > first.width * 1.2);
});

/** Two fingers on the screen that move apart. */
async function pinch(visit: Visit, { x, y }: { x: number; y: number }): Promise<void> {
  const session = await visit.page.context().newCDPSession(visit.page);
  await session.send("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 2 });
  const fingers = (apart: number) => [{ x: x - apart, y, id: 1 }, { x: x + apart, y, id: 2 }];
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(40) });
  for (const apart of [60, 80, 100]) {
    await session.send("Input.dispatchTouchEvent", {
      ...{ type: "touchMove", touchPoints: fingers(apart) },
    });
  }
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

browserTest(
  "what happens is shown as it happens, and nothing moves by that",
  async ({ world, open }) => {
    const visit = await open({ at: "/dag/order-1?node=ship-1" });
    const { page } = visit;
    await page.getByRole("button", { name: "Larger" }).click();
    await node(visit, /^order.ship, deferred/).waitFor();
    const names = [/^order.place/, /^order.ship/, /^order.charge/];
    const before = await Promise.all(names.map((name) => boxOf(visit, name)));
    world.release();
    await node(visit, "order.charge, completed · orders").waitFor();
    await node(visit, "order.ship, completed · orders").waitFor();
    await node(visit, "order.invoice, completed · orders").waitFor();
    await page.getByRole("button", { name: "completed 4" }).waitFor();
    await page.locator(".graph-side").getByText("completed").first().waitFor();
    assertEquals(await Promise.all(names.map((name) => boxOf(visit, name))), before);
    assertEquals(await node(visit, /^order.ship/).getAttribute("aria-pressed"), "true");
  },
);

browserTest("a graph that grows leaves what is chosen where it is", async ({ world, open }) => {
  const visit = await open({ at: "/dag/order-1?node=charge-1" });
  await node(visit, /^order.ship/).waitFor();
  const before = await boxOf(visit, /^order.charge/);
  const { y } = await boxOf(visit, /^order.place/);
  for (const id of ["more-1", "more-2", "more-3"]) {
    await world.client.enqueue("report.write", {}, { id, queue: "orders", dependsOn: ["order-1"] });
  }
  await node(visit, /^report.write/).nth(2).waitFor();
  assertEquals(await boxOf(visit, /^order.charge/), before);
  // What its parent's children make room for has moved.
  assertNotEquals((await boxOf(visit, /^order.place/)).y, y);
});

browserTest("what starts is followed if that is asked for", async ({ world, open }) => {
  const { client } = world;
  const steps = Array.from({ length: 12 }, (_, i) => `step${i}`);
  await client.control.pause({ queue: "later" });
  await client.enqueueGraph({
    ...Object.fromEntries(steps.map((name, i) => [name, {
      ...{ type: "order.place", payload: {} },
      dependsOn: i === 0 ? [] : [steps[i - 1]!],
      options: { id: name, queue: i === 0 ? "later" : "orders" },
    }])),
    film: {
      type: "video.encode",
      payload: {},
      dependsOn: [steps.at(-1)!],
      options: { id: "film" },
    },
  });
  const visit = await open({ at: "/dag/step0" });
  const { page } = visit;
  await node(visit, /^video.encode, deferred/).waitFor();
  assert(!await isInFrame(visit, /^video.encode/));
  await page.getByLabel("Follow what starts").check();
  assert(page.url().includes("follow=1"));
  await page.getByRole("navigation").getByText("Live", { exact: true }).waitFor();
  await client.control.resume({ queue: "later" });
  await node(visit, /^video.encode, processing/).waitFor();
  await until(() => isInFrame(visit, /^video.encode/), "what runs is in view");
});

browserTest(
  "a graph that is cut off says so, and leads to the jobs of a status",
  async ({ world, open }) => {
    await world.client.enqueueGraph({
      root: { type: "order.charge", payload: {}, options: { id: "wide" } },
      ...Object.fromEntries(Array.from({ length: MANY }, (_, i) => [`part${i}`, {
        ...{ type: "order.ship", payload: {}, dependsOn: ["root"], options: { id: `part-${i}` } },
      }])),
    });
    const visit = await open({ at: "/dag/wide" });
    const { page } = visit;
    await page.getByText("These are 500 jobs near this one; there are more.").waitFor();
    assertEquals(await page.locator(".graph-node").count(), 500);
    await page.getByText("and 487 more").waitFor();
    await page.getByRole("button", { name: "deferred 499" }).click();
    await page.getByRole("heading", { name: "order.ship", level: 2 }).waitFor();
    const first = page.url();
    await page.getByRole("button", { name: "deferred 499" }).click();
    await page.waitForURL((url) => url.href !== first);
    assertNotEquals(page.url(), first);
    const chosen = page.locator(".graph-node[aria-pressed=true]");
    const frame = await page.locator(".graph-frame").boundingBox();
    const box = await chosen.boundingBox();
    assert(frame && box && box.x >= frame.x && box.x + box.width <= frame.x + frame.width);
    await page.getByRole("link", { name: "Its graph" }).click();
    await page.getByRole("button", { name: "deferred 1", exact: true }).waitFor();
    assertEquals(await page.locator(".graph-node").count(), 2);
  },
);

browserTest("of a job alone, and of one that is not there, it is said", async ({ open }) => {
  const visit = await open({ at: "/dag/sent-1" });
  const { page } = visit;
  await page.getByText("This job depends on no other, and no other on it.").waitFor();
  await node(visit, /^email.send, completed · mail/).waitFor();
  await visit.go("/dag/nope");
  await page.getByText("There is no such job").waitFor();
  await page.getByRole("link", { name: "All graphs" }).click();
  await page.getByRole("link", { name: "order.place" }).waitFor();
});

browserTest("who sees some queues only sees no graph of others", async ({ open }) => {
  const visit = await open({ as: "mel", at: "/dag" });
  await visit.page.getByText("No job depends on another").waitFor();
  await visit.go("/dag/order-1");
  await visit.page.getByText("There is no such job").waitFor();
});

browserTest("without any graph the page says how there can be one", async ({ open }) => {
  const visit = await open({ at: "/dag" });
  await visit.page.getByText("No job depends on another").waitFor();
  await visit.page.getByText("dependsOn").waitFor();
}, { isEmpty: true });
