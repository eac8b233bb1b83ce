/**
 * Arguments of the script that enqueues: jobs as columns of lanes, ids, records and due times.
 *
 * @module
 */

import type { JobSettings } from "../../job/job.ts";
import type { NewJob } from "../store.ts";
import { bigName, MAX_INLINE, setBig } from "./big_text.ts";
import { encodeJob, isPlain, laneOf, plainHead, timeOf } from "./codec.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { toShort } from "./short_id.ts";

type Arg = string | number;

/** Characters that number a lane, from `0` on. */
const DIGITS = 79;
const ZERO = 48;

/** Jobs as the script takes them. */
export interface EnqueueColumns {
  /** Lanes, in the order of their numbers. */
  readonly lanes: readonly string[];
  /** Number of each job's lane. */
  readonly numbers: readonly number[];
  readonly ids: readonly string[];
  /** Whether an id stands twice. */
  readonly hasTwins: boolean;
  /** Without their time. */
  readonly records: readonly string[];
  /** Sep of each job; empty if it is that of plain jobs for all. */
  readonly seps: string;
  /** When each is due; undefined if all are at once. */
  readonly times: readonly string[] | undefined;
  /** SETs of the payloads that travel apart. */
  readonly payloads: readonly (readonly Arg[])[];
}

/** A lane of a call, with what its jobs have in common. */
interface Lane {
  readonly number: number;
  readonly type: string;
  readonly queue: string;
  readonly priority: number;
  /** Settings of the plain job that was met last, and what stands before its payload. */
  settings: JobSettings;
  head: string;
}

/** The lanes of a call: one, for nearly every call. */
class Lanes {
  readonly names: string[] = [];
  #last: Lane | undefined;
  /** Lanes by type, if there is more than one. */
  #ofType: Map<string, Lane[]> | undefined;

  /** The lane of a job. */
  of(job: NewJob): Lane {
    if (this.#last !== undefined && isIn(this.#last, job)) return this.#last;
    const known = this.#ofType?.get(job.type)?.find((lane) => isIn(lane, job));
    return this.#last = known ?? this.#add(job);
  }

  #add(job: NewJob): Lane {
    const { type, queue, priority, settings } = job;
    const number = this.names.push(laneOf(job)) - 1;
    const lane: Lane = { number, type, queue, priority, settings, head: plainHead(job) };
    if (this.#last === undefined) return lane;
    this.#ofType ??= new Map([[this.#last.type, [this.#last]]]);
    const list = this.#ofType.get(type);
    if (list === undefined) this.#ofType.set(type, [lane]);
    else list.push(lane);
    return lane;
  }
}

function isIn(lane: Lane, { type, queue, priority }: NewJob): boolean {
  return lane.type === type && lane.queue === queue && lane.priority === priority;
}

/** Makes columns of jobs. */
export function enqueueColumns(
  runner: ScriptRunner,
  jobs: readonly NewJob[],
  tag: string,
): EnqueueColumns {
  const lanes = new Lanes();
  const numbers: number[] = [];
  const ids: string[] = [];
  const records: string[] = [];
  const payloads: Arg[][] = [];
  let seps = "";
  let times: string[] | undefined;
  for (const job of jobs) {
    const i = ids.length;
    const lane = lanes.of(job);
    numbers.push(lane.number);
    ids.push(toShort(job.id));
    const { settings, payload } = job;
    const isBig = payload.length > MAX_INLINE;
    if (!isBig && isPlain(job)) {
      if (lane.settings !== settings) {
        lane.settings = settings;
        lane.head = plainHead(job);
      }
      records.push(lane.head + payload);
      if (seps !== "") seps += "|";
      times?.push("");
      continue;
    }
    const big = isBig ? bigName(tag, i, payload) : undefined;
    if (big !== undefined) payloads.push(setBig(runner, "big", big, payload));
    const { record, sep } = encodeJob(job, big);
    records.push(record);
    if (seps !== "" || sep !== "|") seps = seps.padEnd(i, "|") + sep;
    const time = timeOf(job);
    if (time !== "") times ??= new Array<string>(i).fill("");
    times?.push(time);
  }
  const hasTwins = !isRising(ids) && new Set(ids).size < ids.length;
  return { lanes: lanes.names, numbers, ids, hasTwins, records, seps, times, payloads };
}

/** Whether texts stand in their order, so that none is there twice: as ids do that one client made. */
function isRising(texts: readonly string[]): boolean {
  for (let i = 1; i < texts.length; i++) if (!(texts[i - 1]! < texts[i]!)) return false;
  return true;
}

/**
 * Arguments of a call: in the short form of plain jobs, if these are such.
 *
 * @param sizes Sizes of the groups; empty if each is one job.
 * @param again How many milliseconds ago it may have been carried out before; empty if it was not.
 */
export function enqueueArgs(columns: EnqueueColumns, sizes: string, again: string): Arg[] {
  const { lanes, numbers, ids, hasTwins, records, seps, times } = columns;
  const isPlain = lanes.length === 1 && seps === "" && times === undefined && !hasTwins;
  if (isPlain && again === "") return ["", sizes, lanes[0]!, ...ids, ...records];
  return [
    "+",
    again,
    ids.length,
    sizes,
    hasTwins ? "1" : "",
    lanes.length,
    lanes.length === 1 ? "" : codesOf(numbers, lanes.length),
    seps,
    times === undefined ? "" : "1",
    ...lanes,
    ...ids,
    ...records,
    ...times ?? [],
  ];
}

/** Numbers of lanes, in one or two characters each. */
function codesOf(numbers: readonly number[], lanes: number): string {
  let codes = "";
  for (const number of numbers) {
    codes += lanes <= DIGITS
      ? String.fromCharCode(ZERO + number)
      : String.fromCharCode(ZERO + Math.floor(number / DIGITS), ZERO + number % DIGITS);
  }
  return codes;
}
