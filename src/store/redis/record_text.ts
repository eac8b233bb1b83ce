/**
 * Records as text, as codec.ts writes them, and how they are read.
 *
 * @module
 */

import type { JobSettings } from "../../job/job.ts";

/** What a priority and its text in a record add up to. */
export const HIGHEST = 30;

/** What a record says. */
export interface DecodedJob {
  readonly createdAt: number;
  readonly priority: number;
  readonly queue: string;
  readonly type: string;
  readonly settings: JobSettings;
  readonly payload: string;
  /** Name of the key that has the payload. */
  readonly big: string | undefined;
}

/** Characters shown of a text that cannot be read. */
const SHOWN = 200;

/** The error of a text that cannot be read: its message says which, and how it begins. */
export function unreadable(part: "header" | "settings" | "state", text: string): RangeError {
  return new RangeError(`its ${part} is ${JSON.stringify(text.slice(0, SHOWN))}`);
}

/** What stands in a record between its time and its payload. */
interface Front {
  /** From the first `|` to the second line's end. */
  readonly text: string;
  readonly priority: number;
  readonly queue: string;
  readonly type: string;
  /** The settings as they stand there. */
  readonly options: string;
  readonly big: string | undefined;
}

/** Reads records one after another. Most of a batch say the same but for time and payload, and that is read once. */
export class RecordReader {
  #front: Front | undefined;

  /**
   * Reads a record.
   *
   * @throws {RangeError} If it cannot be read.
   */
  read(record: string): DecodedJob {
    const bar = record.indexOf("|");
    let front = this.#front;
    if (front === undefined || !record.startsWith(front.text, bar)) front = readFront(record, bar);
    const createdAt = wholeNumber(record, bar);
    if (Number.isNaN(createdAt)) throw unreadable("header", record);
    this.#front = front;
    const { priority, queue, type, options, big } = front;
    const settings = options === "" ? {} : decodeSettings(options);
    const payload = record.slice(bar + front.text.length);
    return { createdAt, priority, queue, type, settings, payload, big };
  }
}

function readFront(record: string, bar: number): Front {
  const line = record.indexOf("\n");
  const second = record.indexOf("\n", line + 1);
  const flags = record.indexOf("|", bar + 1) + 1;
  const queue = record.indexOf("|", flags) + 1;
  const type = record.indexOf("|", queue) + 1;
  const priority = HIGHEST - Number(record.slice(bar + 1, flags - 1));
  const isHeader = 0 < bar && bar < flags && flags < queue && queue < type && type <= line &&
    line < second && !Number.isNaN(priority);
  if (!isHeader) throw unreadable("header", record);
  return {
    text: record.slice(bar, second + 1),
    priority,
    queue: record.slice(queue, type - 1),
    type: record.slice(type, line),
    options: record.slice(line + 1, second),
    big: /;b([^;]+);/.exec(record.slice(flags, queue - 1))?.[1],
  };
}

/** The digits before a place as a number; NaN if there is anything else, or nothing. */
function wholeNumber(text: string, end: number): number {
  let number = end > 0 ? 0 : NaN;
  for (let i = 0; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    number = digit >= 0 && digit <= 9 ? 10 * number + digit : NaN;
  }
  return number;
}

/**
 * Reads a record.
 *
 * @throws {RangeError} If it cannot be read.
 */
export function decodeJob(record: string): DecodedJob {
  return new RecordReader().read(record);
}

function decodeSettings(text: string): JobSettings {
  try {
    const settings: unknown = JSON.parse(text);
    if (typeof settings === "object" && settings !== null && !Array.isArray(settings)) {
      return settings;
    }
  } catch {
    // Refused below.
  }
  throw unreadable("settings", text);
}
