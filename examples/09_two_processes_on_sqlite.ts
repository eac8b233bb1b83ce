/** A producer and a worker in two processes, on one SQLite file. This file is both. */

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Client, defineJobs, job, Server } from "../mod.ts";

const jobs = defineJobs({ "square": job<number, { square: number; pid: number }>() });

async function work(store: string): Promise<void> {
  const server = new Server({ store, jobs, logLevel: "error" });
  server.handle("square", ({ job }) => ({ square: job.payload ** 2, pid: process.pid }));
  await server.run(); // until SIGTERM or SIGINT
}

async function produce(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "gqm-example-"));
  const store = `sqlite:${join(folder, "jobs.db")}`;
  const worker = fork(new URL(import.meta.url), [store]);
  const exited = once(worker, "exit");
  try {
    await using client = new Client({ store, jobs });
    const handles = await client.enqueueMany(
      [1, 2, 3, 4, 5].map((payload) => ({ type: "square" as const, payload })),
    );
    const results = await Promise.all(handles.map((handle) => handle.result()));
    console.log(results.map(({ square }) => square).join(" "));
    console.log(`all by the worker: ${results.every(({ pid }) => pid === worker.pid)}`);
  } finally {
    worker.kill("SIGTERM");
    await exited;
    await rm(folder, { recursive: true });
  }
  console.log("worker stopped");
}

const [store] = process.argv.slice(2);
await (store === undefined ? produce() : work(store));

// prints:
// 1 4 9 16 25
// all by the worker: true
// worker stopped
