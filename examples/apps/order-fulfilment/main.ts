/**
 * Order fulfilment: reserve, charge and ship, each once; what was done is taken back when a later step
 * fails; and a worker that is killed between the charge and its end charges nobody twice.
 *
 *     deno run -A examples/apps/order-fulfilment/main.ts [FOLDER]
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { Client, DuplicateJobError, type JobHandle } from "../../../mod.ts";
import { type Closed, jobs, type Order } from "./jobs.ts";
import { Partners, readLedger } from "./partners.ts";

const folder = resolve(process.argv[2] ?? "out/order-fulfilment");
await mkdir(folder, { recursive: true });
const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;
const ledger = join(folder, "ledger.jsonl");

let worker: ChildProcess | undefined;

await using partners = await Partners.start(ledger, {
  // The worst moment for a crash: the money has moved, and the worker does not know it yet.
  async done(deed, order) {
    if (deed !== "charge" || order !== "1003") return;
    console.log("order 1003 is charged; its worker is killed before it hears of it");
    await stopWorker("SIGKILL");
    startWorker();
  },
  again(deed, order) {
    if (deed === "charge") {
      console.log(`order ${order}: ${deed} comes again, and is not done again`);
    }
  },
});

function startWorker(): void {
  worker = fork(new URL("./worker.ts", import.meta.url), [store, partners.url]);
}

async function stopWorker(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (worker === undefined) return;
  const exited = once(worker, "exit");
  worker.kill(signal);
  await exited;
}

await using client = new Client({ jobs, store });

/** Enqueues all steps of an order at once, or nothing if it was placed before. */
async function place(order: Order): Promise<JobHandle<Order, Closed>> {
  const options = (step: string) => ({ id: `${order.id}.${step}` });
  const anyhow = (job: string) => ({ job, onFailure: "continue" }) as const;
  try {
    const { close } = await client.enqueueGraph({
      reserve: { type: "stock.reserve", payload: order, options: options("reserve") },
      // Without `onFailure`, what waits for a step that fails is canceled.
      charge: {
        type: "payment.charge",
        payload: order,
        dependsOn: ["reserve"],
        options: options("charge"),
      },
      ship: {
        type: "shipment.book",
        payload: order,
        dependsOn: ["charge"],
        options: options("ship"),
      },
      // Runs once all have ended, whatever became of them: it takes back what has to be.
      close: {
        type: "order.close",
        payload: order,
        dependsOn: [anyhow("reserve"), anyhow("charge"), anyhow("ship")],
        options: options("close"),
      },
    });
    return close;
  } catch (error) {
    if (!(error instanceof DuplicateJobError)) throw error;
    const existing = { ...options("close"), onConflict: "existing" } as const;
    return await client.enqueue("order.close", order, existing);
  }
}

const usual = { item: "tea", count: 2, cents: 1890, card: "visa", address: "1 Analytical Row" };
const orders: readonly Order[] = [
  { ...usual, id: "1001" },
  { ...usual, id: "1002", card: "declined" },
  { ...usual, id: "1003" },
  { ...usual, id: "1004", address: "" },
];
const closing = await Promise.all(orders.map(place));

startWorker();
for (const [i, { id }] of orders.entries()) {
  const { outcome, reason, undone } = await closing[i]!.result();
  const why = reason === undefined ? "" : `, as ${reason}; taken back: ${undone.join(", ")}`;
  console.log(`order ${id}: ${outcome}${why}`);
}
await stopWorker("SIGTERM");

const entries = await readLedger(ledger);
const count = (deed: string): number => entries.filter((entry) => entry.deed === deed).length;
console.log(
  `ledger: ${count("charge")} charged, ${count("refund")} refunded, ${count("ship")} shipped; ` +
    `${partners.stock("tea")} of tea left`,
);
