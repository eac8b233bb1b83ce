/**
 * What the doctor must read whole: lists that are too long to be searched in one
 * call, and records, for the payloads that they name.
 *
 * A job that no chunk of its list had an entry of is lost if it is the same when
 * it is looked at again, and none came into the list since it was looked at
 * first: an entry keeps its place, new ones come at the ends, and one that comes
 * back to its old place changes the job's state.
 *
 * @module
 */

import type { ScriptRunner } from "./script_runner.ts";

/** Most jobs that are searched for in one reading of the lists, and the entries for which there is one. */
const MAX_SOUGHT = 50_000;
const ENTRIES_PER_JOB = 10;
/** Entries read in one call. */
const ENTRIES_PER_CALL = 2000;
/** Records looked at in one call. */
const RECORDS_PER_CALL = 1000;
/** Jobs of one call that judges. */
const JOBS_PER_CALL = 100;

interface Sought {
  readonly id: string;
  readonly digest: string;
  readonly mayBeEarly: boolean;
  readonly entries: string[];
}

/** Jobs that must be in lists of some length. */
export class LongLists {
  readonly #runner: ScriptRunner;
  readonly #lists = new Map<string, Map<string, Sought>>();
  readonly #least: number;
  #count = 0;
  #length = 0;
  #marks: readonly string[] = [];

  /** @param runner Where the lists are. @param least Fewest jobs for which they are read. */
  constructor(runner: ScriptRunner, least: number) {
    this.#runner = runner;
    this.#least = least;
  }

  /** Whether there are jobs to be searched for, and too few for the length of their lists. */
  get wantsMore(): boolean {
    const enough = Math.min(MAX_SOUGHT, Math.max(this.#least, this.#length / ENTRIES_PER_JOB));
    return this.#count > 0 && this.#count < enough;
  }

  /**
   * Adds jobs.
   *
   * @param unsure Id, list, digest and whether it may be early, in turn.
   * @param marks The last numbers that were given before the jobs were looked at.
   * @param length Of these lists together.
   */
  add(unsure: readonly string[], marks: readonly string[], length: number): void {
    if (this.#count === 0) this.#marks = marks;
    this.#length = Math.max(this.#length, length);
    for (let i = 0; i < unsure.length; i += 4) {
      const [id, list, digest, early] = unsure.slice(i, i + 4) as [string, string, string, string];
      const jobs = this.#lists.get(list) ?? new Map<string, Sought>();
      this.#lists.set(list, jobs);
      if (jobs.has(id)) continue;
      jobs.set(id, { id, digest, mayBeEarly: early === "1", entries: [] });
      this.#count++;
    }
  }

  /** Reads the lists; gives the arguments of each call that is to judge. */
  async *search(): AsyncGenerator<(string | number)[]> {
    let args: (string | number)[] = [];
    let count = 0;
    for (const [list, jobs] of this.#lists) {
      if (!await this.#read(list, jobs)) continue;
      for (const { id, digest, mayBeEarly, entries } of jobs.values()) {
        if (entries.length === 1 && !mayBeEarly) continue;
        args.push(id, list, digest, entries.length, ...entries);
        if (++count % JOBS_PER_CALL > 0) continue;
        yield [...this.#marks, ...args];
        args = [];
      }
    }
    if (args.length > 0) yield [...this.#marks, ...args];
  }

  /** Reads a list and notes the entries of the jobs; tells whether it was in order. */
  async #read(list: string, jobs: ReadonlyMap<string, Sought>): Promise<boolean> {
    const sign = list.startsWith("l:") ? 1 : -1;
    let last: number | undefined;
    while (true) {
      const args = ["", "", "", "", list, last ?? "", ENTRIES_PER_CALL];
      const [entries] = await this.#runner.call("check_read", args) as [string[]];
      for (const entry of entries) {
        const sep = entry.search(/[|!*]/);
        const place = Number(entry.slice(0, sep));
        if (sep < 1 || (last !== undefined && !(sign * place > sign * last))) return false;
        last = place;
        jobs.get(entry.slice(sep + 1))?.entries.push(entry);
      }
      if (entries.length < ENTRIES_PER_CALL) return true;
    }
  }
}

/** Of some payloads with keys of their own, those that no record names: `big:` and a name. */
export async function findSought(
  runner: ScriptRunner,
  keys: readonly string[],
): Promise<string[]> {
  const sought = new Set(keys);
  for (const hash of ["jobs", "broken"]) {
    let cursor = "0";
    do {
      if (sought.size === 0) return [];
      const args = ["", "", "", "", hash, cursor, RECORDS_PER_CALL];
      const [next, names] = await runner.call("check_bigs", args) as [string, string[]];
      for (const name of names) sought.delete(`big:${name}`);
      cursor = next;
    } while (cursor !== "0");
  }
  return [...sought];
}
