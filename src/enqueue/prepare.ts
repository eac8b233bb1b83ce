/**
 * From what a producer says to jobs that a store takes: every check that needs
 * no store.
 *
 * @module
 */

import { checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { checkPayload, type PayloadCheck } from "../job/check_payload.ts";
import { isJobType, MAX_PAYLOAD_BYTES } from "../job/names.ts";
import type { JobRetention } from "../job/job.ts";
import type { JobDefinition, JobMap } from "../job/registry.ts";
import { bytesIfAbove, serialize } from "../job/serialize.ts";
import type { NewJob } from "../store/store.ts";
import {
  InvalidJobTypeError,
  InvalidPayloadError,
  PayloadNotSerializableError,
  PayloadTooLargeError,
  UnknownJobTypeError,
} from "./errors.ts";
import type { EnqueueContext } from "./context.ts";
import { askBefore, type EnqueueHooks } from "./hooks.ts";
import { type EnqueueOptions, newJob } from "./options.ts";
import { toRetention } from "./retention.ts";
import { resolveUnique, type UniquePlan, uniquePlan } from "./unique.ts";

/** One job of several, as far as all kinds of items have it. */
export interface RawItem {
  /** Type of the job. */
  readonly type: string;
  /** What the handler gets. */
  readonly payload?: unknown;
  /** Options of the job. */
  readonly options?: EnqueueOptions;
}

/** How the jobs of a batch or graph are given. */
export interface ItemForm {
  /** Properties that an item may have. */
  readonly keys: readonly string[];
  /** How an error of an item begins. */
  readonly at: (index: number) => string;
}

/** Checks jobs against a registry. */
export class Preparer {
  readonly #jobs: JobMap | undefined;
  readonly #newId: () => string;
  /** What the registry says of retention, by type. */
  readonly #retentions = new Map<string, JobRetention>();
  readonly #hooks: EnqueueHooks | undefined;
  /** The last type that kept the rule. */
  #checkedType: string | undefined;

  /**
   * @param jobs The registry, if there is one.
   * @param newId Makes ids.
   * @param hooks Asked before a job is checked.
   * @throws {InvalidOptionError} If the registry names a retention that breaks its rule.
   */
  constructor(jobs: JobMap | undefined, newId: () => string, hooks?: EnqueueHooks) {
    this.#jobs = jobs;
    this.#newId = newId;
    this.#hooks = hooks;
    for (const [type, { retention }] of Object.entries(jobs ?? {})) {
      if (retention === undefined) continue;
      this.#retentions.set(type, toRetention(`define job '${type}'`, retention));
    }
  }

  /** The options of a job, as the hook wants them. */
  options(
    type: string,
    payload: unknown,
    options: EnqueueOptions | undefined,
  ): EnqueueOptions | undefined {
    if (this.#hooks?.beforeEnqueue === undefined) return options;
    return askBefore(this.#hooks, { type, payload, options: options ?? {} });
  }

  /** Checks one job at once; a promise only if its schema or its unique key takes time. */
  job(
    type: string,
    payload: unknown,
    options: EnqueueOptions | undefined,
    inherited: EnqueueContext | undefined,
  ): NewJob | Promise<NewJob> {
    if (typeof type !== "string" || type !== this.#checkedType) {
      if (!isJobType(type)) throw new InvalidJobTypeError("enqueue job", type);
      this.#checkedType = type;
    }
    const schema = this.#definition(type)?.payload;
    const text = payloadText(payload);
    const job = newJob(type, text, options, this.#newId, inherited, this.#retentions.get(type));
    const plan = options === undefined ? undefined : uniquePlan(options);
    const checked = schema === undefined ? job : checkBySchema(schema, job);
    if (plan === undefined) return checked;
    return checked instanceof Promise
      ? checked.then((job) => withUnique(job, plan))
      : withUnique(checked, plan);
  }

  /**
   * Checks jobs that go together, at once; a promise only if one of them takes time. Throws
   * what is wrong with the first that is wrong, in the order given and not in that of time.
   */
  items(
    items: readonly RawItem[],
    { keys, at }: ItemForm,
    inherited: EnqueueContext | undefined,
  ): readonly NewJob[] | Promise<readonly NewJob[]> {
    const jobs: (NewJob | Promise<NewJob>)[] = [];
    let isLate = false;
    for (let i = 0; i < items.length; i++) {
      let job: NewJob | Promise<NewJob>;
      try {
        job = this.#item(items[i]!, keys, inherited);
      } catch (error) {
        if (!isLate) throw blamedOn(at(i), error);
        // One before it may still turn out to be wrong.
        job = Promise.reject(error);
      }
      if (job instanceof Promise) {
        isLate = true;
        job = job.catch((error: unknown) => {
          throw blamedOn(at(i), error);
        });
      }
      jobs.push(job);
    }
    return isLate ? allInOrder(jobs) : jobs as readonly NewJob[];
  }

  #item(
    item: RawItem,
    keys: readonly string[],
    inherited: EnqueueContext | undefined,
  ): NewJob | Promise<NewJob> {
    checkKeys("enqueue job", item, keys, "item");
    const options = this.options(item.type, item.payload, item.options);
    if (options?.onConflict !== undefined) {
      const rule = "not be given in a batch, which is written as a whole";
      throw new InvalidOptionError("enqueue job", "onConflict", rule, options.onConflict);
    }
    return this.job(item.type, item.payload, options, inherited);
  }

  #definition(type: string): JobDefinition | undefined {
    if (this.#jobs === undefined) return undefined;
    if (Object.hasOwn(this.#jobs, type)) return this.#jobs[type];
    throw new UnknownJobTypeError("enqueue job", type, Object.keys(this.#jobs));
  }
}

/** An error that says which of several jobs it is about. */
export function blamedOn(name: string, error: unknown): unknown {
  if (error instanceof Error) error.message = `${name}: ${error.message}`;
  return error;
}

/** Waits for all; throws the first failure in the order given. */
async function allInOrder(jobs: readonly (NewJob | Promise<NewJob>)[]): Promise<NewJob[]> {
  const ends = await Promise.allSettled(jobs);
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}

/** What is checked is what the handler will get: a Date, say, is a text by then. */
function checkBySchema(
  schema: NonNullable<JobDefinition["payload"]>,
  job: NewJob,
): NewJob | Promise<NewJob> {
  const accept = (check: PayloadCheck<unknown>): NewJob => {
    if (check.ok) return job;
    throw new InvalidPayloadError("enqueue job", job.type, check.issues);
  };
  const check = checkPayload(schema, JSON.parse(job.payload));
  return check instanceof Promise ? check.then(accept) : accept(check);
}

function withUnique(job: NewJob, plan: UniquePlan): NewJob | Promise<NewJob> {
  const unique = resolveUnique(plan, job.type, job.payload);
  if (!(unique instanceof Promise)) return { ...job, settings: { ...job.settings, unique } };
  return unique.then((unique) => ({ ...job, settings: { ...job.settings, unique } }));
}

/** Writes a payload as JSON within the limit. */
export function payloadText(payload: unknown): string {
  const text = serialize(payload, "payload");
  if (typeof text !== "string") throw new PayloadNotSerializableError(text.path, text.what);
  const bytes = bytesIfAbove(text, MAX_PAYLOAD_BYTES);
  if (bytes !== undefined) throw new PayloadTooLargeError(bytes);
  return text;
}
