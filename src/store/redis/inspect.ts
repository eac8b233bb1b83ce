/**
 * Looking into Redis.
 *
 * @module
 */

import { InvalidOptionError } from "../../errors.ts";
import type { Holder, JobRecord } from "../../job/job.ts";
import { isFinal, type JobStatus } from "../../job/state.ts";
import { checkListQuery } from "../check_list.ts";
import { isAsked } from "../check_page.ts";
import { isInRange } from "../list_time.ts";
import type { ChildrenReply, CountRow, ListQuery, ListReply, PartQuery } from "../store.ts";
import { fetchBigs } from "./big_text.ts";
import { decodeClaim, fenceOf, pairOfClaim } from "./claim_text.ts";
import type { DecodedRecord } from "./codec.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { fromShort, toShort } from "./short_id.ts";
import { showRecord } from "./shown.ts";

/** Most jobs of one call. */
const MAX_JOBS = 500;
/** Most pairs of queue and type of one call. */
const MAX_PAIRS = 100;
const ENTRIES_PER_SCAN = 1000;
/** Length of the member that keeps `claims` from being a small hash; no id is it. */
const SENTINEL = "~".repeat(65);

/** Reads jobs by short id. */
export async function readJobs(
  runner: ScriptRunner,
  shorts: readonly string[],
): Promise<(JobRecord | null)[]> {
  const jobs: (JobRecord | null)[] = [];
  for (let from = 0; from < shorts.length; from += MAX_JOBS) {
    const part = shorts.slice(from, from + MAX_JOBS);
    const rows = await runner.call("get", [part.length, ...part]) as RawRow[];
    const found: (number | null)[] = [];
    const decoded: DecodedRecord[] = [];
    rows.forEach((row, i) => {
      found.push(row[0] === "" ? null : decoded.length);
      if (row[0] !== "") decoded.push(decodeRow(part[i]!, row));
    });
    const { records } = await fetchBigs(runner, decoded, true);
    for (const at of found) jobs.push(at === null ? null : records[at]!);
  }
  return jobs;
}

type RawRow = [
  record: string,
  state: string,
  claim: string,
  leaseUntil: string,
  due: string,
  told: string,
  logs: string[],
  pending: string[],
];

function decodeRow(
  id: string,
  [record, state, claim, ends, due, told, logs, pending]: RawRow,
): DecodedRecord {
  const holder: Holder | null = claim === "" ? null : decodeClaim(claim, Math.floor(Number(ends)));
  return showRecord({
    id,
    record,
    state,
    holder,
    runAt: due === "" ? null : Number(due),
    told,
    logs,
    pending,
  });
}

const cursors: Readonly<Record<"place" | "due" | "number", RegExp>> = {
  place: /^-?\d{1,15}$/,
  due: /^\d{1,16}:\d\d[|!*^&@][\w.~-]{1,256}$/,
  number: /^\d{1,17}$/,
};

/** Statuses whose jobs have numbers in the order in which they came into it, as scripts name them. */
const numbered = {
  deferred: "b",
  completed: "c",
  dead_letter: "d",
  canceled: "x",
  stopped: "t",
} as const;

/** See `InspectStage.list`. */
export async function list(runner: ScriptRunner, query: ListQuery): Promise<ListReply> {
  const { status } = query;
  switch (status) {
    case "ready": {
      const { queue = "", type = "", limit, cursor = "" } = check(query, cursors.place);
      return await page(runner, query, "list_ready", [queue, type, limit, cursor]);
    }
    case "scheduled":
    case "retry": {
      const { queue = "", type = "", limit, toAt = "", cursor = `${toAt}:` } = check(
        query,
        cursors.due,
      );
      const at = cursor.indexOf(":");
      const kind = status === "retry" ? "r" : "d";
      const after = [cursor.slice(0, at), cursor.slice(at + 1)];
      return await page(runner, query, "list_delayed", [kind, queue, type, limit, ...after]);
    }
    case "deferred":
    case "completed":
    case "dead_letter":
    case "canceled":
    case "stopped": {
      const { queue = "", type = "", limit, toAt, cursor } = check(query, cursors.number);
      const from = cursor ?? (status === "deferred" ? "" : firstNumber(toAt));
      const args = [numbered[status], queue, type, limit, from];
      return await page(runner, query, "list_final", args);
    }
    case "processing":
      return await listProcessing(runner, check(query, cursors.number));
    default:
      check(query, cursors.number);
      return { jobs: [] };
  }
}

function check(query: ListQuery, cursor: RegExp): ListQuery {
  checkListQuery(query, cursor);
  return query;
}

async function page(
  runner: ScriptRunner,
  query: ListQuery,
  script: "list_ready" | "list_delayed" | "list_final",
  args: readonly (string | number)[],
): Promise<ListReply> {
  const reply = await runner.call(script, args);
  const ids = reply.at(-1) as string[];
  const next = reply.slice(0, -1).filter((part) => part !== "").join(":");
  return await read(runner, ids, query, next);
}

/** Microseconds by which numbers may be ahead of the time, as when a great many are given at once. */
const AHEAD_US = 10_000;

/** The number from which a list of jobs that ended before a time may begin. */
function firstNumber(toAt: number | undefined): string {
  const number = (toAt ?? Infinity) * 1000 + AHEAD_US;
  return number < Number.MAX_SAFE_INTEGER ? String(number) : "";
}

/** Whether a list that goes on from a cursor has nothing more to give: what follows is too old. */
function isOver({ status, fromAt }: ListQuery, cursor: string): boolean {
  if (fromAt === undefined) return false;
  if (status === "scheduled" || status === "retry") return parseInt(cursor) < fromAt;
  return isFinal(status) && Number(cursor) < fromAt * 1000;
}

/** Reads the jobs of a page; those that left the status meanwhile are left out, those that cannot be read are not. */
async function read(
  runner: ScriptRunner,
  ids: readonly string[],
  query: ListQuery,
  cursor: string,
): Promise<ListReply> {
  const { status } = query;
  const jobs = (await readJobs(runner, ids)).filter((job): job is JobRecord =>
    job !== null && (job.status === status || job.status === "failed") && isInRange(query, job)
  );
  return cursor === "" || isOver(query, cursor) ? { jobs } : { jobs, cursor };
}

/** A job that runs. */
export interface Running {
  readonly id: string;
  readonly fence: number;
  readonly claim: string;
}

/** All claims: as many as jobs run. */
async function running(runner: ScriptRunner): Promise<Running[]> {
  const found = new Map<string, Running>();
  let cursor = "0";
  do {
    const [next, entries] = await runner.command("HSCAN", [
      runner.key("claims"),
      cursor,
      "COUNT",
      ENTRIES_PER_SCAN,
    ]) as [string, string[]];
    for (let i = 0; i < entries.length; i += 2) {
      const [id, claim] = [entries[i]!, entries[i + 1]!];
      if (id !== SENTINEL) {
        found.set(id, { id, fence: fenceOf(claim), claim });
      }
    }
    cursor = next;
  } while (cursor !== "0");
  return [...found.values()];
}

/** Claims of jobs of some queues and a type, the one that was made last first. */
export async function findRunning(
  runner: ScriptRunner,
  { queues, type }: Pick<PartQuery, "queues" | "type">,
): Promise<Running[]> {
  return (await running(runner)).filter(({ claim }) => {
    const pair = pairOfClaim(claim);
    if (pair === undefined) return queues === undefined && type === undefined;
    return isAsked({ queues, type }, pair);
  }).sort((a, b) => b.fence - a.fence);
}

async function listProcessing(
  runner: ScriptRunner,
  query: ListQuery,
): Promise<ListReply> {
  const { queue, type, limit, cursor } = query;
  const below = cursor === undefined ? Infinity : Number(cursor);
  const queues = queue === undefined ? undefined : [queue];
  const matching = (await findRunning(runner, { queues, type })).filter(({ fence }) =>
    fence < below
  );
  const some = matching.slice(0, limit);
  const next = matching.length > limit ? String(some.at(-1)!.fence) : "";
  return await read(runner, some.map(({ id }) => id), query, next);
}

const columns: readonly JobStatus[] = [
  ...["ready", "scheduled", "retry"] as const,
  ...["completed", "dead_letter", "canceled", "stopped", "deferred"] as const,
];

/** See `InspectStage.counts`. */
export async function counts(runner: ScriptRunner): Promise<CountRow[]> {
  const pairs = await runner.command("SMEMBERS", [runner.key("pairs")]) as string[];
  const rows: CountRow[] = [];
  for (let from = 0; from < pairs.length; from += MAX_PAIRS) {
    const part = pairs.slice(from, from + MAX_PAIRS);
    const reply = await runner.call("counts", [part.length, ...part]) as number[][];
    reply.forEach((numbers, i) => {
      const [queue, type] = splitPair(part[i]!);
      numbers.forEach((count, column) => {
        if (count > 0) rows.push({ queue, type, status: columns[column]!, count });
      });
    });
  }
  const processing = new Map<string, { queue: string; type: string; count: number }>();
  for (const { claim } of await running(runner)) {
    const pair = pairOfClaim(claim);
    if (pair === undefined) continue;
    const { queue, type } = pair;
    const row = processing.get(`${queue}|${type}`) ?? { queue, type, count: 0 };
    row.count++;
    processing.set(`${queue}|${type}`, row);
  }
  for (const row of processing.values()) rows.push({ ...row, status: "processing" });
  return rows;
}

/** See `InspectStage.children`. */
export async function children(
  runner: ScriptRunner,
  id: string,
  { limit, cursor = "0" }: { readonly limit: number; readonly cursor?: string },
): Promise<ChildrenReply> {
  if (!cursors.number.test(cursor)) {
    throw new InvalidOptionError("list children", "cursor", "come from the page before", cursor);
  }
  const reply = await runner.call("children", [toShort(id), limit, cursor]);
  const [next, ids] = reply as [string, string[]];
  return { ids: ids.map(fromShort), ...next === "" ? {} : { cursor: next } };
}

/** `queue|type` apart; a type may hold a bar, a queue may not. */
export function splitPair(pair: string): [queue: string, type: string] {
  const bar = pair.indexOf("|");
  return [pair.slice(0, bar), pair.slice(bar + 1)];
}

/** Reads jobs by id. */
export function getJobs(
  runner: ScriptRunner,
  ids: readonly string[],
): Promise<(JobRecord | null)[]> {
  return readJobs(runner, ids.map(toShort));
}

/** Reads what is left, for a minute, of a job that was removed the moment it ended. */
export async function readGone(runner: ScriptRunner, short: string): Promise<JobRecord | null> {
  const key = runner.key(`gone:${short}`);
  const [[record, state, told], logs] = await Promise.all([
    runner.command("HMGET", [key, "record", "state", "told"]),
    runner.command("LRANGE", [runner.key(`goneLog:${short}`), 0, -1]),
  ]) as [(string | null)[], string[]];
  if (typeof record !== "string" || typeof state !== "string") return null;
  const raw = { id: short, record, state, holder: null, runAt: null, told: told ?? "", logs };
  const { records } = await fetchBigs(runner, [showRecord(raw)], true);
  return records[0]!;
}
