/**
 * The version of the layout that a store has in Redis: `{prefix}:layout` says `version|least`, of
 * which the second is what a program must know at least to work on the store.
 *
 *     no key --> version 1, from before the key was written
 *     2|2    --> layout 2; programs that know 1 alone refuse
 *     3|2    --> layout 3, in which programs of layout 2 may overlook what is new
 *     1|2    --> layout 1 is being carried forward: those that know no more have to let go first
 *
 * Steps lead from a version to the next, when a store is opened. Nobody asks in the way of a job, so
 * a step that others must not work beside waits until each of them has looked: see layout_watch.ts
 * and docs/adr/0007-layout-versions.md.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import { StoreOpenError } from "../errors.ts";
import { newerLayout, olderLayout } from "../layout_errors.ts";
import { isReplyError, type Link, LinkLost } from "./link.ts";

/** What a store says of its layout. */
export interface LayoutMark {
  readonly version: number;
  /** Least layout that a program must know. */
  readonly least: number;
}

/** What makes a layout of the one before. */
export interface LayoutStep {
  /** Version of the layout that it makes. */
  readonly to: number;
  /** Least layout that a program must know afterwards. */
  readonly least: number;
  /** Lua, `R` being the root of all keys. It may be carried out again after it has failed halfway. */
  readonly script: string;
}

/** A layout, and the way to it. */
export interface Layout extends LayoutMark {
  /** From the oldest that is carried forward, without gaps. */
  readonly steps: readonly LayoutStep[];
}

/** The layout of this version of the package. */
export const LAYOUT: Layout = { version: 1, least: 1, steps: [] };

/** How long calls are sent after a look at the mark, in milliseconds. */
export const TRUST_MS = 10_000;

/** The key of the mark, below the root. */
export const LAYOUT_KEY = "layout";
/** What every store has of which these are the first: who has none of them is empty. */
const FIRST_KEYS = ["jobs", "fence", "pairs", "servers", "schedIds", "memos", "paused", "limits"];

/** What is carried forward, and where. */
export interface CarryOptions {
  readonly link: Link;
  /** First part of all keys. */
  readonly root: string;
  /** Where the store is, for people. */
  readonly store: string;
  readonly logger?: Logger | undefined;
  /** @default {that of this version} */
  readonly layout?: Layout;
  /** How long others send calls after a look. @default {10_000} */
  readonly trustMs?: number;
  /** Longest wait for a reply, in milliseconds. @default {as of the connection} */
  readonly timeoutMs?: () => number;
}

/** Reads a mark; undefined if it is none. */
export function readMark(reply: unknown): LayoutMark | undefined {
  const [, version, least] = /^(\d{1,9})\|(\d{1,9})$/.exec(String(reply)) ?? [];
  if (version === undefined) return undefined;
  return { version: Number(version), least: Number(least) };
}

/** A mark as it is kept. */
export function markText({ version, least }: LayoutMark): string {
  return `${version}|${least}`;
}

/**
 * Gives a store its mark, or carries its layout forward. Repeat, also by several at once: does nothing more.
 *
 * @throws {StoreVersionError} If the layout is newer, or not carried forward.
 * @throws {StoreOpenError} If the mark cannot be read.
 * @throws {LinkLost} If the connection is lost.
 */
export async function prepareLayout(options: CarryOptions): Promise<void> {
  const { link, root, store, layout = LAYOUT, timeoutMs } = options;
  const key = root + LAYOUT_KEY;
  while (true) {
    const text = await link.send("GET", [key], timeoutMs?.());
    if (text === null) {
      const mark = await firstMark(options, layout);
      if (await tryTo(() => link.send("SET", [key, markText(mark), "NX"]))) continue;
      // Of a Redis that is full or a replica the next open writes it.
      if (mark.version === layout.version) return;
    }
    const mark = text === null ? { version: 1, least: 1 } : readMark(text);
    if (mark === undefined) {
      throw new StoreOpenError(
        `Cannot open store as its key '${key}' must hold two numbers: current value is ` +
          `'${String(text).slice(0, 50)}', of '${store}'; another program may use the prefix`,
      );
    }
    const facts = { store, found: mark.version, own: layout.version };
    if (mark.least > layout.version) throw newerLayout(facts);
    if (mark.version >= layout.version) return;
    const oldest = layout.steps.length === 0 ? layout.version : layout.steps[0]!.to - 1;
    if (mark.version < oldest) throw olderLayout(facts, oldest);
    const step = layout.steps.find(({ to }) => to === mark.version + 1)!;
    await carry(options, mark, step);
  }
}

/** Goes one step, once nobody works on the store who must not. */
async function carry(options: CarryOptions, mark: LayoutMark, step: LayoutStep): Promise<void> {
  const { link, root, store, logger } = options;
  const mustWait = step.least > mark.version;
  const announced = mustWait ? { ...mark, least: step.least } : mark;
  if (mustWait) {
    if (!await change(options, mark, announced, "")) return;
    const waitMs = await quietMs(link, root, options.trustMs ?? TRUST_MS);
    const fields = { store, from: mark.version, to: step.to, waitMs };
    logger?.info("Waiting until older versions of the package have let go of the store", fields);
    const until = systemClock.mono() + waitMs;
    for (let left = waitMs; left > 0; left = until - systemClock.mono()) {
      if (link.isClosed) throw new LinkLost("closed");
      await link.changed(left);
    }
  }
  if (!await change(options, announced, { version: step.to, least: step.least }, step.script)) {
    return;
  }
  logger?.info("Layout of the store carried forward", { store, from: mark.version, to: step.to });
}

/** Runs a script and changes the mark in one step; false if the mark was another. */
async function change(
  { link, root, store }: CarryOptions,
  from: LayoutMark,
  to: LayoutMark,
  script: string,
): Promise<boolean> {
  const text = `local R = KEYS[1]
if (redis.call('GET', R .. '${LAYOUT_KEY}') or '1|1') ~= ARGV[1] then return 0 end
do ${script}
end
redis.call('SET', R .. '${LAYOUT_KEY}', ARGV[2])
return 1`;
  try {
    return await link.send("EVAL", [text, 1, root, markText(from), markText(to)]) === 1;
  } catch (error) {
    if (!isReplyError(error)) throw error;
    throw new StoreOpenError(
      `Cannot open store as its layout must be carried forward to version ${to.version}: current ` +
        `value is ${from.version}, of '${store}': ${error.message}`,
      { cause: error },
    );
  }
}

/** The mark of a store that has none. */
async function firstMark({ link, root }: CarryOptions, layout: Layout): Promise<LayoutMark> {
  if (layout.version === 1) return layout;
  const isEmpty = await link.send("EXISTS", FIRST_KEYS.map((name) => root + name)) === 0;
  return isEmpty ? layout : { version: 1, least: 1 };
}

/** How long calls may still come of those who have looked just before they had to let go. */
async function quietMs(link: Link, root: string, trustMs: number): Promise<number> {
  const leases = await link.send("HGETALL", [`${root}leaseMs`]) as string[];
  // A claim that waits behind a blocking call is carried out within its lease.
  const longest = Math.max(trustMs, ...leases.filter((_, i) => i % 2 === 1).map(Number));
  return trustMs + longest;
}

/** Whether a command was carried out; false if Redis refused it. */
async function tryTo(send: () => Promise<unknown>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (isReplyError(error)) return false;
    throw error;
  }
}
