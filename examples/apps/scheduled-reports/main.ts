/**
 * Scheduled reports: daily and weekly ones by the clocks of a zone, also for the days on which no
 * server ran, and a line about the queue itself every second.
 *
 * To show days in seconds, the program moves the clock of its store: it is last seen on the Friday
 * before the clocks of Berlin are put back, and comes again on Monday. Not so with GQM_STORE: Redis
 * has the time of its machine.
 *
 *     deno run -A examples/apps/scheduled-reports/main.ts [FOLDER]
 */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { Client, type Clock, Server, sqliteStore, type Store, storeFromUrl } from "../../../mod.ts";
import { addReports, jobs } from "./reports.ts";
import { writeSales } from "./sales.ts";

const DAY_MS = 86_400_000;
const url = process.env.GQM_STORE;
const folder = resolve(process.argv[2] ?? "out/scheduled-reports");
const places = { sales: join(folder, "sales.csv"), reports: join(folder, "reports") };
await mkdir(places.reports, { recursive: true });

/** A clock that shows another time and goes on from there. */
function clockFrom(startAt: number): Clock {
  const began = performance.now();
  return {
    now: () => Math.round(startAt + performance.now() - began),
    mono: () => performance.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

function openStore(startAt: number): Store {
  if (url !== undefined) return storeFromUrl(url);
  return sqliteStore(join(folder, "gqm.db"), { clock: clockFrom(startAt) });
}

/** Runs the server until `whatFor` has ended, and tells of the reports. */
async function serve(
  store: Store,
  whatFor: (client: Client<typeof jobs>, server: Server<typeof jobs>) => Promise<void>,
): Promise<void> {
  await using client = new Client({ jobs, store });
  await using server = new Server({ jobs, store, logLevel: "error" });
  addReports(server, client, places);
  server.pool({ name: "reports", concurrency: 1 }); // one after the other
  server.after(({ job }, { result }) => {
    if (job.type !== "report.sales") return;
    const { file, sales, hours } = result as { file: string; sales: number; hours: number };
    console.log(`${file}.csv: ${sales} sales in ${hours} hours`);
  });
  await server.start();
  await whatFor(client, server);
}

const friday = url === undefined ? Date.parse("2026-10-23T12:00:00+02:00") : Date.now();
const monday = url === undefined ? Date.parse("2026-10-26T12:00:00+01:00") : Date.now();
// Each run tells the story from its beginning.
for (const end of ["", "-shm", "-wal"]) await rm(join(folder, `gqm.db${end}`), { force: true });
await writeFile(join(places.reports, "queue.csv"), "at,completed,ready,dead_letters\n");
await writeSales(places.sales, friday - 10 * DAY_MS, monday);

{
  await using store = openStore(friday);
  await serve(store, async (client) => {
    const { nextAt } = (await client.schedules.get("sales-daily"))!;
    console.log(`before the weekend: the next report is due at ${new Date(nextAt!).toISOString()}`);
  });
}

{
  await using store = openStore(monday);
  await serve(store, async (client, server) => {
    await server.drain(); // what was missed
    console.log("somebody wants the weekly report now:");
    await client.schedules.trigger("sales-weekly");
    const threeTicks = Promise.withResolvers<void>();
    let ticks = 0;
    server.on("job.completed", ({ type }) => {
      if (type === "report.queue" && ++ticks === 3) threeTicks.resolve();
    });
    await threeTicks.promise;
    await server.drain();
  });
}
