/**
 * Walking through a list, page by page.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobRecord } from "../../job/job.ts";
import type { JobStatus } from "../../job/state.ts";
import type { ListQuery, Store } from "../../store/store.ts";
import { claim, complete, newJobs, put, settle } from "./builders.ts";

/** Most pages that a walk may take; a page may be short, but not for ever. */
const MAX_PAGES = 1000;

/** Reads page after page; no page may hold more than was asked for. */
export async function* pages(store: Store, query: ListQuery): AsyncGenerator<readonly JobRecord[]> {
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await store.list(cursor === undefined ? query : { ...query, cursor });
    assert.ok(reply.jobs.length <= query.limit, `at most ${query.limit} jobs on a page`);
    yield reply.jobs;
    if (reply.cursor === undefined) return;
    cursor = reply.cursor;
  }
  assert.fail(`list() must come to an end within ${MAX_PAGES} pages`);
}

/** The ids of all pages together. */
export async function listIds(
  store: Store,
  query: Partial<ListQuery> & { status: JobStatus },
): Promise<string[]> {
  const ids: string[] = [];
  for await (const jobs of pages(store, { limit: 100, ...query })) {
    ids.push(...jobs.map((job) => job.id));
  }
  return ids;
}

/** Ids of a prefix and a number, up or down. */
export function numbered(prefix: string, from: number, to: number): string[] {
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => `${prefix}${from + i * step}`);
}

/** Enqueues and runs jobs `prefix0`… that end one after the other. */
export async function endJobs(store: Store, prefix: string, count: number): Promise<void> {
  await put(store, ...newJobs(count, prefix));
  for (const job of await claim(store, { limit: count })) await settle(store, job, complete());
}
