/**
 * What a process counts of the attempts that it ran, by queue and type.
 *
 * @module
 */

import type { ClaimedJob } from "../job/job.ts";
import { MAX_PAIRS, OTHERS } from "../store/insight_limits.ts";
import { Distribution, RUN_BOUNDS, SIZE_BOUNDS } from "./distribution.ts";

/** How an attempt may have ended. */
export const endNames = [
  "completed",
  "retried",
  "dead_lettered",
  "canceled",
  "released",
  "lost",
] as const;

/** How an attempt ended. */
export type EndName = (typeof endNames)[number];

/** An attempt that has ended. */
export interface EndedAttempt {
  readonly claimed: Pick<ClaimedJob, "queue" | "type" | "payload">;
  readonly end: EndName;
  readonly ranMs: number;
  /** How long the job waited to be claimed, where that is known. */
  readonly waitedMs?: number;
}

/** What is counted of one queue and type. */
export interface PairCounts {
  readonly queue: string;
  readonly type: string;
  /** Attempts, by how they ended. */
  readonly ends: Readonly<Record<EndName, number>>;
  /** Seconds that attempts ran; of what was released or lost, nothing. */
  readonly runs: Distribution;
  /** Seconds that jobs waited. */
  readonly waits: Distribution;
  /** Bytes of payloads. */
  readonly payloads: Distribution;
}

const encoder = new TextEncoder();
/** Most payloads fit. */
const SCRATCH_BYTES = 8192;

type Counting = PairCounts & { readonly ends: Record<EndName, number> };

/** Counts attempts. As in a store, so many pairs of queue and type are counted apart, and the others together. */
export class AttemptCounts {
  readonly #byQueue = new Map<string, Map<string, Counting>>();
  readonly #pairs: Counting[] = [];
  #others: Counting | undefined;
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);

  /** What was counted so far. */
  get pairs(): readonly PairCounts[] {
    return this.#pairs;
  }

  /** Counts an attempt. */
  add({ claimed, end, ranMs, waitedMs }: EndedAttempt): void {
    const { ends, runs, waits, payloads } = this.#pair(claimed.queue, claimed.type);
    ends[end]++;
    payloads.add(utf8Length(claimed.payload, this.#scratch));
    if (end === "released" || end === "lost") return;
    runs.add(ranMs / 1000);
    if (waitedMs !== undefined) waits.add(waitedMs / 1000);
  }

  #pair(queue: string, type: string): Counting {
    const types = this.#byQueue.get(queue);
    const known = types?.get(type);
    if (known !== undefined) return known;
    if (this.#pairs.length >= MAX_PAIRS) return this.#others ??= this.#begin(OTHERS, OTHERS);
    const pair = this.#begin(queue, type);
    if (types === undefined) this.#byQueue.set(queue, new Map([[type, pair]]));
    else types.set(type, pair);
    return pair;
  }

  #begin(queue: string, type: string): Counting {
    const pair = {
      queue,
      type,
      ends: { completed: 0, retried: 0, dead_lettered: 0, canceled: 0, released: 0, lost: 0 },
      runs: new Distribution(RUN_BOUNDS),
      waits: new Distribution(RUN_BOUNDS),
      payloads: new Distribution(SIZE_BOUNDS),
    };
    this.#pairs.push(pair);
    return pair;
  }
}

/**
 * Bytes of a well-formed text in UTF-8, without a copy of it.
 *
 * @param scratch Where it is written, piece by piece; at least 4 bytes.
 */
export function utf8Length(text: string, scratch: Uint8Array<ArrayBuffer>): number {
  let bytes = 0;
  for (let rest = text;;) {
    const { read, written } = encoder.encodeInto(rest, scratch);
    bytes += written;
    if (read >= rest.length) return bytes;
    rest = rest.slice(read);
  }
}
