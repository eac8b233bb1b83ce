/** Schedules: of the program and made at run time; what overlaps, what was missed, and what became of each slot. */

import { Client, daily, nextFire, Server } from "../mod.ts";

const store = "memory:schedules";
await using client = new Client({ store });
await using server = new Server({ store, logLevel: "error", timeZone: "Europe/Berlin" });

let ticks = 0;
const done = Promise.withResolvers<void>();
server.handle("report", ({ job }) => {
  if (job.payload !== "tick") return console.log(job.payload);
  if (++ticks <= 3) console.log("tick", job.schedule!.slotAt % 100 === 0);
  if (ticks === 3) done.resolve();
});

// Schedules of the program: they are in the store when it has started, and leave it when a later
// version of the program defines them no more.
server.schedule("tick", { type: "report", payload: "tick", everyMs: 100, overlap: "queueOne" });
server.schedule("nightly", {
  type: "report",
  payload: "night",
  cron: daily(3, 30),
  catchUp: { all: 7 }, // after a week without servers: one report for each night
  jitterMs: 60_000,
});
await server.start();

const nightly = await client.schedules.get("nightly");
console.log(nightly?.nextAt === nextFire("30 3 * * *", "Europe/Berlin"));

await done.promise;
await client.schedules.pause("tick");
const { entries } = await client.schedules.history("tick");
const fired = entries.filter(({ outcome }) => outcome === "fired" || outcome === "queued");
console.log(fired.length >= 3);

// Schedules that people make stay until somebody removes them. Any server fires them.
await client.schedules.upsert("on-demand", { type: "report", payload: "now", cron: "@yearly" });
const jobId = await client.schedules.trigger("on-demand");
while ((await client.getJob(jobId))?.status !== "completed") {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const { schedules } = await client.schedules.list();
for (const { id, source, paused } of schedules) {
  console.log(`${id}: ${source}${paused ? ", paused" : ""}`);
}
await client.schedules.remove("on-demand");

// prints:
// true
// tick true
// tick true
// tick true
// true
// now
// nightly: code
// on-demand: runtime
// tick: code, paused
