/** A call of a store in a situation, as the tests of faults repeat it with each fault. */

import { assert, assertEquals } from "@std/assert";
import type { SettleReply, StepReply, Store } from "../../../../src/store/store.ts";
import { arm, type FaultRow, type Match } from "./faults.ts";
import { type Dump, Rig, type RigOptions } from "./rig.ts";

/** A scene. */
export interface Scene<T = unknown> {
  readonly name: string;
  /** The command that is struck. */
  readonly struck: Match;
  /** Brings about the situation, past the proxy. */
  readonly prepare: (rig: Rig) => Promise<T>;
  /** The call, on the store behind the proxy. */
  readonly act: (store: Store, prepared: T, rig: Rig) => Promise<unknown>;
  /** What of a reply must be the same. @default {all of it} */
  readonly essence?: (reply: unknown) => unknown;
  readonly options?: RigOptions;
}

/** Makes a scene, with its types found out. */
export function scene<T>(fields: Scene<T>): Scene {
  return fields as unknown as Scene;
}

/** A settle may tell of its own outcomes that they were settled before. */
export function settledEssence(reply: unknown): unknown {
  const { results, ...rest } = reply as SettleReply;
  return { results: results.map((result) => result === "already" ? "ok" : result), ...rest };
}

/** A repeat does not find a job that was removed at its end: the outcome is then `lost`, as the port says. */
export function goneEssence(reply: unknown): unknown {
  const { results, ...rest } = reply as SettleReply;
  return { results: results.length, ...rest };
}

/** A step that is repeated does not know what it moved before. */
export function stepEssence(reply: unknown): unknown {
  return { nextInMs: (reply as StepReply).nextInMs };
}

/** What a scene comes to. */
export interface End {
  readonly reply: unknown;
  readonly dump: Dump;
}

const baselines = new Map<Scene, Promise<End>>();

/** What a scene comes to without a fault. */
function baseline(one: Scene): Promise<End> {
  let end = baselines.get(one);
  if (end === undefined) baselines.set(one, end = play(one, undefined));
  return end;
}

/** Plays a scene on a rig; `between`: right before the call. */
export async function sceneReply(
  one: Scene,
  rig: Rig,
  between: () => unknown,
): Promise<End> {
  const prepared = await one.prepare(rig);
  await between();
  const reply = await one.act(rig.store, prepared, rig);
  return { reply, dump: await rig.dump() };
}

async function play(one: Scene, fault: FaultRow | undefined): Promise<End> {
  await using rig = await Rig.start(one.options);
  let hits = (): number => 0;
  const end = await sceneReply(one, rig, () => {
    if (fault !== undefined) hits = arm(rig, fault, one.struck);
  });
  if (fault !== undefined) assert(hits() >= 1, "the fault has happened");
  // Whoever asks next gets the reply to its own question.
  rig.proxy.faults.clear();
  const seen = await Promise.all([rig.store.counts(), rig.store.getJobs(["j0", "j1", "none"])]);
  const true_ = await Promise.all([rig.direct.counts(), rig.direct.getJobs(["j0", "j1", "none"])]);
  assertEquals(sorted(seen[0]), sorted(true_[0]), "counts afterwards");
  assertEquals(seen[1], true_[1], "jobs afterwards");
  return end;
}

function sorted(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** Plays a scene with a fault: the answer and what stands in Redis are as without it. */
export async function checkScene(one: Scene, fault: FaultRow): Promise<void> {
  const { essence = (reply: unknown) => reply } = one;
  const expected = await baseline(one);
  const { reply, dump } = await play(one, fault);
  assertEquals(essence(reply), essence(expected.reply), "the answer");
  assertEquals(dump, expected.dump, "what stands in Redis");
}
