/** What must hold of one store by itself, whatever the model says. */

import type { JobRecord } from "../../src/job/job.ts";
import { isFinal, statuses } from "../../src/job/state.ts";
import type { ClaimReply, CountRow, Store } from "../../src/store/store.ts";
import { assertShape } from "../../src/testing/conformance/legal.ts";
import { hold } from "./broken.ts";
import { difference } from "./compare.ts";
import { servers } from "./steps.ts";

const PAGE = 40;
const MOST_PAGES = 1000;

/** All that a store answers when it is only looked at. */
export interface View {
  /** The records that are there, by id. */
  readonly records: ReadonlyMap<string, JobRecord>;
  readonly counts: readonly CountRow[];
}

/** Watches one store through a history. */
export class Watch {
  readonly #store: Store;
  readonly #maxDeliveries: number;
  #fence = -1;
  #finals = new Map<string, JobRecord>();
  /** Whether jobs were brought back, ever and since the last look. */
  #everRetried = false;
  #retried = false;

  constructor(store: Store, maxDeliveries: number) {
    this.#store = store;
    this.#maxDeliveries = maxDeliveries;
  }

  /** Checks the fences of a claim: higher than any given before. */
  claimed({ jobs }: ClaimReply): void {
    const before = this.#fence;
    const fences = new Set<number>();
    for (const { id, holder: { fence } } of jobs) {
      hold(fence > before && !fences.has(fence), `Fence of '${id}' must be > ${before}`, fence);
      fences.add(fence);
      this.#fence = Math.max(this.#fence, fence);
    }
  }

  /** Jobs may have been brought back from their end. */
  retried(): void {
    this.#everRetried = this.#retried = true;
  }

  /** Reads all that may be there, and checks it. */
  async look(ids: Iterable<string>): Promise<View> {
    const asked = [...ids];
    const read = await this.#store.getJobs(asked);
    hold(read.length === asked.length, `getJobs() must answer ${asked.length} ids`, read.length);
    const records = new Map<string, JobRecord>();
    for (const [i, record] of read.entries()) {
      if (record === null) continue;
      hold(record.id === asked[i], `getJobs() must give '${asked[i]}'`, record.id);
      records.set(record.id, record);
      this.#checkRecord(record);
    }
    const counts = await this.#store.counts();
    checkCounts(counts, records);
    await this.#checkLists(records);
    await this.#checkPages(records);
    await this.#checkHolders(records);
    this.#finals = new Map([...records].filter(([, { status }]) => isFinal(status)));
    this.#retried = false;
    return { records, counts };
  }

  #checkRecord(record: JobRecord): void {
    const { id, attempts, attemptsMade, deliveries } = record;
    // Who is brought back keeps the attempts, and its deliveries begin anew.
    assertShape(this.#everRetried ? { ...record, deliveries: attemptsMade } : record);
    const numbers = attempts.map(({ attempt }) => attempt);
    const expected = attempts.map((_, i) => attemptsMade - attempts.length + 1 + i);
    hold(String(numbers) === String(expected), `Attempts of '${id}' must be ${expected}`, numbers);
    const most = this.#maxDeliveries;
    hold(deliveries <= most, `Deliveries of '${id}' must be <= ${most}`, deliveries);
    const isDead = deliveries < most || record.status === "dead_letter";
    hold(isDead, `Job '${id}' after ${most} deliveries must be a dead letter`, record.status);
    const final = this.#finals.get(id);
    // An id may be used again once its job has gone: that is another job.
    if (final === undefined || final.createdAt !== record.createdAt) return;
    if (final.payload !== record.payload) return;
    if (this.#retried) return;
    const change = difference(final, record, `final job '${id}'`);
    hold(change === undefined, `A final job must stay as it is: ${change}`, record.status);
  }

  /** Each job is in the list of its status, and in no other. */
  async #checkLists(records: ReadonlyMap<string, JobRecord>): Promise<void> {
    const listed = new Set<string>();
    for (const status of statuses) {
      let cursor: string | undefined;
      for (let page = 0; page === 0 || cursor !== undefined; page++) {
        hold(page < MOST_PAGES, `list() of '${status}' must end`, page);
        const from = cursor === undefined ? {} : { cursor };
        const reply = await this.#store.list({ status, limit: PAGE, ...from });
        hold(reply.jobs.length <= PAGE, `list() must give at most ${PAGE}`, reply.jobs.length);
        for (const job of reply.jobs) {
          hold(!listed.has(job.id), `Job '${job.id}' must be listed once`, status);
          hold(job.status === status, `Job '${job.id}' must be '${status}' there`, job.status);
          listed.add(job.id);
          const found = difference(job, records.get(job.id), `list '${job.id}'`);
          hold(found === undefined, `list() must say what getJobs() says: ${found}`, status);
        }
        cursor = reply.cursor;
      }
    }
    const missing = [...records.keys()].filter((id) => !listed.has(id));
    hold(missing.length === 0, "Every job must be in the list of its status", missing);
  }

  /** Pages hold the jobs of each status once, from whichever end. */
  async #checkPages(records: ReadonlyMap<string, JobRecord>): Promise<void> {
    for (const [status, jobs] of Map.groupBy(records.values(), (record) => record.status)) {
      const order = jobs.length % 2 === 0 ? "newest" : "oldest";
      const ids: string[] = [];
      for (let offset = 0; offset === 0 || offset < jobs.length; offset += PAGE) {
        const page = await this.#store.page({ status, offset, limit: PAGE, order });
        hold(page.total === jobs.length, `page() must count ${jobs.length}`, page.total);
        ids.push(...page.jobs.map(({ id }) => id));
      }
      const expected = jobs.map(({ id }) => id).sort();
      hold(String(ids.sort()) === String(expected), `Pages of '${status}' must be all of it`, ids);
    }
  }

  /** Each processing job is in one server's hands. A heartbeat without holds extends nothing. */
  async #checkHolders(records: ReadonlyMap<string, JobRecord>): Promise<void> {
    const held = new Set<string>();
    for (const server of servers) {
      const { unknown } = await this.#store.heartbeat({ server, leaseMs: 1000, holds: [] });
      for (const { id, fence } of unknown) {
        const holder = records.get(id)?.holder;
        hold(!held.has(id), `Job '${id}' must have one holder`, server);
        hold(holder?.server === server, `Holder of '${id}' must be '${server}'`, holder);
        hold(holder.fence === fence, `Fence of '${id}' must be ${fence}`, holder.fence);
        held.add(id);
      }
    }
    const running = [...records.values()].filter(({ status }) => status === "processing");
    const lone = running.filter(({ id }) => !held.has(id)).map(({ id }) => id);
    hold(lone.length === 0, "Every processing job must have a holder that is told of it", lone);
  }
}

/** Counts are those of the records. */
function checkCounts(counts: readonly CountRow[], records: ReadonlyMap<string, JobRecord>): void {
  const told: Record<string, number> = {};
  for (const { queue, type, status, count } of counts) {
    const key = JSON.stringify([queue, type, status]);
    hold(count > 0 && !(key in told), `Count of ${key} must be > 0 and there once`, count);
    told[key] = count;
  }
  const real: Record<string, number> = {};
  for (const { queue, type, status } of records.values()) {
    const key = JSON.stringify([queue, type, status]);
    real[key] = (real[key] ?? 0) + 1;
  }
  for (const key of Object.keys({ ...told, ...real })) {
    hold(told[key] === real[key], `Count of ${key} must be ${real[key] ?? 0}`, told[key] ?? 0);
  }
}
