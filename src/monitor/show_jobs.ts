/**
 * Jobs as whoever asks may see them, with what must be asked beside their records.
 *
 * @module
 */

import type { JobRecord } from "../job/job.ts";
import type { Store } from "../store/store.ts";
import type { Call } from "./call.ts";
import { seesNamed } from "./relatives.ts";
import { allServers } from "./servers.ts";
import { jobOnWire, type JobView } from "./wire/job.ts";

/** A job on the wire. */
export type ShownJob = Readonly<Record<string, unknown>>;

/** Shows the jobs of a list. */
export async function showJobs(call: Call, records: readonly JobRecord[]): Promise<ShownJob[]> {
  return await show(call, records, false);
}

/** Shows one job, with its attempts and the lines that it logged. */
export async function showJob(call: Call, record: JobRecord): Promise<ShownJob> {
  const [shown] = await show(call, [record], true);
  return shown!;
}

async function show(
  call: Call,
  records: readonly JobRecord[],
  isWhole: boolean,
): Promise<ShownJob[]> {
  const { desk, who } = call;
  const isAnyHeld = records.some(({ holder }) => holder !== null);
  const [claims, sees] = await Promise.all([
    isAnyHeld ? readClaims(await desk.store()) : NO_CLAIMS,
    seesNamed(call, records),
  ]);
  const view: JobView = { redactor: desk.redactor, role: who.role, isWhole, sees, ...claims };
  return records.map((record) => jobOnWire(record, view));
}

type Claims = Pick<JobView, "now" | "leases">;

const NO_CLAIMS: Claims = { now: 0, leases: new Map() };

async function readClaims(store: Store): Promise<Claims> {
  // Leases end by the store's clock, which a question for no schedules tells.
  const [{ now }, servers] = await Promise.all([store.schedules({ ids: [] }), allServers(store)]);
  return { now, leases: new Map(servers.map(({ id, leaseMs }) => [id, leaseMs])) };
}
