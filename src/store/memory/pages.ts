/**
 * Pages of lists in the memory store: what a store with an index counts by the
 * index, this one says by a sort.
 *
 * @module
 */

import { checkPageQuery, checkParentsQuery, isAsked } from "../check_page.ts";
import type { PageQuery, PageReply, ParentRow, ParentsReply, PartQuery } from "../store.ts";
import { type Entry, toRecord } from "./entry.ts";
import type { MemoryState } from "./state.ts";

/** See `PageStage.page`. */
export function page(state: MemoryState, query: PageQuery): PageReply {
  checkPageQuery(query);
  const { part, total } = partOf(
    state,
    query,
    ({ status }) => status === query.status,
    (a, b) => b.moved - a.moved,
  );
  return { jobs: part.map(toRecord), total };
}

/** See `PageStage.parents`. */
export function parents(state: MemoryState, query: PartQuery): ParentsReply {
  checkParentsQuery(query);
  const { part, total } = partOf(
    state,
    query,
    ({ children }) => children !== undefined,
    (a, b) => b.number - a.number,
  );
  const rows = part.map((entry): ParentRow => {
    return { job: toRecord(entry), children: entry.children!.size };
  });
  return { parents: rows, total };
}

function partOf(
  { jobs }: MemoryState,
  query: PartQuery,
  belongs: (entry: Entry) => boolean,
  newestFirst: (a: Entry, b: Entry) => number,
): { part: Entry[]; total: number } {
  const { offset, limit, order } = query;
  const all = [...jobs.values()]
    .filter((entry) => belongs(entry) && isAsked(query, entry.job))
    .sort(newestFirst);
  if (order === "oldest") all.reverse();
  return { part: all.slice(offset, offset + limit), total: all.length };
}
