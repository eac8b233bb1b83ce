/**
 * What is asked again is done once: the `Idempotency-Key` of a request.
 *
 * The first request with a key leaves a memo with a digest of its body and the ids that its jobs
 * are to have, then enqueues, then adds its answer to the memo. A repeat that finds the answer gives
 * it again. One that finds none, as the first is under way or its process died, enqueues under the
 * same ids: the store takes each once, as long as it keeps the job.
 *
 * @module
 */

import { DuplicateJobError } from "../../enqueue/errors.ts";
import { uuidv7Generator } from "../../job/id.ts";
import type { Store } from "../../store/store.ts";
import type { Call } from "../call.ts";
import { sha256Hex } from "../digest.ts";
import { ApiError, badRequest, type ErrorCode, toApiError } from "../errors.ts";
import type { QueryRule } from "../params.ts";
import type { Enqueued } from "./enqueue_items.ts";
import type { Item } from "./item.ts";

/** For how long a key is remembered, in milliseconds. */
const KEPT_MS = 24 * 60 * 60_000;

/** What the body alone decides, so that no request with it has enqueued anything. */
const FAULTS_OF_BODY: readonly (ErrorCode | undefined)[] = ["BAD_REQUEST", "PAYLOAD_TOO_LARGE"];

/** The header, of routes that read it. */
export const idempotencyHeader: Readonly<Record<string, QueryRule>> = {
  "idempotency-key": {
    description: "Makes a repeat safe: for 24 hours, the same body with the same key is enqueued " +
      "once, and answered alike. 1 to 200 characters. Jobs have no `id` of their own then.",
    schema: { type: "string", pattern: "^[ -~]{1,200}$" },
  },
};

/** What came of a request. */
export interface Outcome {
  /** Its jobs. */
  readonly jobs: readonly Enqueued[];
  /** Whether an earlier request with its key had enqueued them. */
  readonly isReplay: boolean;
}

/** What is kept of a request. */
interface Kept {
  /** Digest of its body. */
  readonly body: string;
  /** What the ids of its jobs begin with. */
  readonly seed: string;
  /** What came of it, once that is known. */
  readonly jobs?: readonly Enqueued[];
}

/**
 * Enqueues the jobs of a request, unless it is the repeat of one that did.
 *
 * @param body The body of the request.
 * @param items What it is about.
 * @param write Enqueues jobs.
 * @throws {ApiError} `CONFLICT` if the key came with another body.
 * @throws What `write` throws.
 */
export async function once(
  call: Call,
  body: unknown,
  items: readonly Item[],
  write: (items: readonly Item[]) => Promise<readonly Enqueued[]>,
): Promise<Outcome> {
  const key = call.request.headers.get("idempotency-key");
  if (key === null) return { jobs: await write(items), isReplay: false };
  if (!/^[ -~]{1,200}$/.test(key)) {
    throw badRequest("'Idempotency-Key' must be 1 to 200 characters of ASCII");
  }
  if (items.some(({ options: { id } }) => id !== undefined)) {
    throw badRequest("'id' must not be given with an Idempotency-Key: each makes a repeat safe");
  }
  const store = await call.desk.store();
  const { by, name } = call.who;
  const memo = { key: `enqueue:${await digest([by, name, key])}`, ttlMs: KEPT_MS };
  const mine: Kept = {
    body: await digest(body),
    seed: uuidv7Generator(() => call.desk.clock.now())(),
  };
  const there = await store.addMemo({ ...memo, value: JSON.stringify(mine) });
  const kept = there === null ? mine : JSON.parse(there) as Kept;
  if (kept.body !== mine.body) {
    throw new ApiError("CONFLICT", "the Idempotency-Key has been used with another body");
  }
  if (kept.jobs !== undefined) return { jobs: kept.jobs, isReplay: true };
  const outcome = await writeAs(kept.seed, items, store, write).catch(async (error: unknown) => {
    // The key is free again for a body that was put right, but only the first may say so: others
    // may come so late that the memo is no longer that of this body.
    if (there === null && FAULTS_OF_BODY.includes(toApiError(error)?.code)) {
      await store.putMemos([{ key: memo.key, value: null }]);
    }
    throw error;
  });
  try {
    await store.putMemos([{ ...memo, value: JSON.stringify({ ...kept, jobs: outcome.jobs }) }]);
  } catch (error) {
    // The jobs are there, and a repeat will find them.
    call.desk.logger.warn("Answer of an Idempotency-Key is not kept", { error });
  }
  return outcome;
}

/** Enqueues under ids that a repeat has too. */
async function writeAs(
  seed: string,
  items: readonly Item[],
  store: Store,
  write: (items: readonly Item[]) => Promise<readonly Enqueued[]>,
): Promise<Outcome> {
  const ids = items.map((_, i) => i === 0 ? seed : `${seed}.${i}`);
  const named = items.map((item, i) => ({ ...item, options: { ...item.options, id: ids[i]! } }));
  try {
    const jobs = await write(named);
    const isReplay = jobs.some(({ id, is_new }) => !is_new && ids.includes(id));
    return { jobs: isReplay ? jobs.map((job) => ({ ...job, is_new: true })) : jobs, isReplay };
  } catch (error) {
    if (!(error instanceof DuplicateJobError && ids.includes(error.existing.id))) throw error;
  }
  const records = await store.getJobs(ids);
  const jobs = ids.map((id, i) => {
    return { id, status: records[i]?.status ?? "unknown", is_new: true };
  });
  return { jobs, isReplay: true };
}

async function digest(value: unknown): Promise<string> {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch {
    throw badRequest("the JSON body must not be nested so deep");
  }
  return await sha256Hex(text);
}
