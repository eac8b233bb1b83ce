/**
 * What makes two jobs the same work.
 *
 * @module
 */

import { checkInteger, checkKeys, checkOneOf } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { JobUnique } from "../job/job.ts";
import { MAX_DELAY_MS } from "../job/names.ts";
import type { NewJob } from "../store/store.ts";

/** What makes a job the same work as another of its type, and for how long. */
export interface UniqueOptions {
  /**
   * `key`: the same `key`. `payload`: the same payload, whatever the order of its
   * properties. `id`: the same id, which is in use as long as its job is there,
   * unless `until` says otherwise.
   * @default {"key" if there is a key, else "id" if there is an id, else "payload"}
   */
  readonly by?: "id" | "payload" | "key";
  /** 1 to 256 characters. */
  readonly key?: string;
  /**
   * How long a job keeps others out: until it is `started`, until it is
   * `finished` (final), or until it is `removed` from the store. A job with its
   * id in use makes room only once it is final.
   * @default {"started" for `debounce`, "finished" for `rerun`, "removed" by id or with `ttlMs`, else "finished"}
   */
  readonly until?: "started" | "finished" | "removed";
  /** Milliseconds after its creation at which it lets go at the latest. */
  readonly ttlMs?: number;
}

/** What to do when the same work is there already. */
export type ConflictPolicy =
  | "reject"
  | "existing"
  | "replace"
  | "debounce"
  | "throttle"
  | "rerun";

/** Every conflict policy. */
export const conflictPolicies: readonly ConflictPolicy[] = [
  "reject",
  "existing",
  "replace",
  "debounce",
  "throttle",
  "rerun",
];

/** The part of a new job's options that is about uniqueness. */
export interface UniquePart {
  readonly id?: string;
  readonly unique?: boolean | UniqueOptions;
  readonly onConflict?: ConflictPolicy;
  readonly delayMs?: number;
  readonly runAt?: number | Date;
}

const ACTION = "enqueue job";
const MAX_KEY_LENGTH = 256;
/** Types and keys that stand for themselves; the type ends at the first colon. */
const PLAIN_TYPE = /^(?!sha256$)[a-zA-Z0-9._-]+$/;
const PLAIN_KEY = /^[a-zA-Z0-9._:-]+$/;
const MAX_STORED_KEY = 300;

/** Uniqueness whose key may still have to be worked out. */
export interface UniquePlan {
  readonly by: "id" | "payload" | "key";
  readonly key: string | undefined;
  readonly until: JobUnique["until"];
  readonly ttlMs: number | undefined;
}

/**
 * Checks what the options say about uniqueness; undefined if a job is unique by
 * its id as every job is.
 *
 * @throws {InvalidOptionError} If they break a rule or contradict each other.
 */
export function uniquePlan(options: UniquePart): UniquePlan | undefined {
  const { onConflict } = options;
  if (onConflict !== undefined) checkOneOf(ACTION, "onConflict", onConflict, conflictPolicies);
  const plan = planOf(options);
  checkConflict(options, plan);
  return plan?.by === "id" && plan.until === "removed" && plan.ttlMs === undefined
    ? undefined
    : plan;
}

function planOf({ id, unique, onConflict }: UniquePart): UniquePlan | undefined {
  if (unique === undefined || unique === false) return undefined;
  const given: UniqueOptions = unique === true ? { by: "id" } : unique;
  checkKeys(ACTION, given, ["by", "key", "until", "ttlMs"], "unique");
  const { by = given.key !== undefined ? "key" : id !== undefined ? "id" : "payload", key, ttlMs } =
    given;
  checkOneOf(ACTION, "unique.by", by, ["id", "payload", "key"]);
  if (by === "id" && id === undefined) {
    throw new InvalidOptionError(ACTION, "id", "be given when 'unique' is set", id);
  }
  if ((by === "key") !== (key !== undefined)) {
    const rule = by === "key" ? "be given for 'by: key'" : "be given only for 'by: key'";
    throw new InvalidOptionError(ACTION, "unique.key", rule, key);
  }
  if (
    key !== undefined && !(typeof key === "string" && key !== "" && key.length <= MAX_KEY_LENGTH)
  ) {
    const rule = `be a string of 1 to ${MAX_KEY_LENGTH} characters`;
    throw new InvalidOptionError(ACTION, "unique.key", rule, key);
  }
  if (ttlMs !== undefined) checkInteger(ACTION, "unique.ttlMs", ttlMs, 1, MAX_DELAY_MS);
  const { until = defaultUntil(by === "id" || ttlMs !== undefined, onConflict) } = given;
  checkOneOf(ACTION, "unique.until", until, ["started", "finished", "removed"]);
  return { by, key, until, ttlMs };
}

function defaultUntil(
  lasting: boolean,
  onConflict: ConflictPolicy | undefined,
): UniquePlan["until"] {
  if (onConflict === "debounce") return "started";
  return lasting && onConflict !== "rerun" ? "removed" : "finished";
}

/** Checks that a conflict policy has what it needs. */
function checkConflict(
  { id, unique, onConflict, delayMs, runAt }: UniquePart,
  plan: UniquePlan | undefined,
): void {
  const refuse = (option: string, rule: string, value: unknown): never => {
    throw new InvalidOptionError(ACTION, option, `${rule} for 'onConflict: ${onConflict}'`, value);
  };
  switch (onConflict) {
    case "replace":
      if (plan === undefined && id === undefined) refuse("unique", "be given", unique);
      break;
    case "debounce":
      if (plan === undefined && id === undefined) refuse("unique", "be given", unique);
      if (delayMs === undefined && runAt === undefined) refuse("delayMs", "be given", delayMs);
      break;
    case "throttle":
      if (plan?.ttlMs === undefined) refuse("unique.ttlMs", "be given", plan?.ttlMs);
      break;
    case "rerun":
      if (plan === undefined || plan.by === "id") {
        refuse("unique", "be given, by key or by payload,", unique);
      }
      if (plan !== undefined && plan.until !== "finished") {
        refuse("unique.until", "be 'finished'", plan.until);
      }
      break;
  }
}

/** What a store is to do about a conflict. */
export function storePolicy(onConflict: ConflictPolicy | undefined): NewJob["onConflict"] {
  switch (onConflict) {
    case "replace":
    case "debounce":
    case "rerun":
      return onConflict;
    default:
      return undefined;
  }
}

/** Works out the key; at once, unless it takes a digest. */
export function resolveUnique(
  { by, key, until, ttlMs }: UniquePlan,
  type: string,
  payload: string,
): JobUnique | Promise<JobUnique> {
  const rest = { until, ...(ttlMs === undefined ? {} : { ttlMs }) };
  if (by === "id") return { key: null, ...rest };
  const plain = `${type}:${key}`;
  const isPlain = PLAIN_TYPE.test(type) && PLAIN_KEY.test(key ?? "") &&
    plain.length <= MAX_STORED_KEY;
  if (by === "key" && isPlain) return { key: plain, ...rest };
  // As JSON, since a digest of text would not tell one lone surrogate from another.
  const text = by === "key" ? JSON.stringify(key) : canonical(JSON.parse(payload));
  return digest(`${by}\n${type}\n${text}`).then((hash) => ({ key: `sha256:${hash}`, ...rest }));
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** JSON with the properties of every object in one order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(",")}}`;
}
