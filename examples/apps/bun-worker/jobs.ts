/** What producer and worker share. */

import { join } from "node:path";
import process from "node:process";
import { defineJobs, job } from "../../../mod.ts";

/** The types of jobs. */
export const jobs = defineJobs({
  "script.bundle": job<{ entry: string }, { file: string; bytes: number; by: string }>(),
});

/** The folder for what is made. */
export const folder = process.argv[2] ?? "out/bun-worker";
/** Both sides work on this file: SQLite is for several processes of one machine. */
export const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;
