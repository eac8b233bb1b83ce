/**
 * What a settle tells, as its script takes it.
 *
 * @module
 */

import type { Outcome, StartMark, Verdict } from "../store.ts";
import { MAX_INLINE, setBig } from "./big_text.ts";
import { escapeName } from "./claim_text.ts";
import { groupLine } from "./errors.ts";
import { marksOf } from "./marks.ts";
import type { ScriptRunner } from "./script_runner.ts";
import { toShort } from "./short_id.ts";

type Arg = string | number;

/** What a pool has started, as the script takes it. */
function encodeMark({ server, pool, unstartedFrom }: StartMark): string {
  return `${unstartedFrom ?? ""}|${escapeName(server)}|${escapeName(pool)}`;
}

/** A mark and outcomes, these as columns, and the SETs of the results that travel apart. */
export function encodeOutcomes(
  runner: ScriptRunner,
  outcomes: readonly Outcome[],
  startMark: StartMark | undefined,
): { args: Arg[]; results: Arg[][] } {
  const count = outcomes.length;
  const first = outcomes[0]?.fence ?? 0;
  let kinds = "";
  let marks = "";
  let groups = "";
  const ids = new Array<string>(count);
  const above = new Array<number>(count);
  let inOrder = true;
  const rans = new Array<number>(count);
  const data = new Array<string>(count);
  let isBare = true;
  const bigs: Arg[][] = [];
  for (let i = 0; i < count; i++) {
    const outcome = outcomes[i]!;
    const { fence, verdict } = outcome;
    const id = toShort(outcome.id);
    ids[i] = id;
    above[i] = fence - first;
    if (fence - first !== i) inOrder = false;
    rans[i] = Math.floor(outcome.ranMs);
    marks += marksOf(outcome);
    const isBig = verdict.kind === "complete" && verdict.result !== null &&
      verdict.result.length > MAX_INLINE;
    if (isBig) bigs.push(setBig(runner, "res", `${id}:${fence}`, verdict.result!));
    kinds += isBig ? "C" : kindOf(verdict);
    const text = isBig ? "" : dataOf(verdict);
    data[i] = text;
    if (text !== "") isBare = false;
    if (verdict.kind !== "complete") groups += groupLine(verdict, i + 1);
  }
  const mark = startMark === undefined ? "" : encodeMark(startMark);
  const args: Arg[] = [count, kinds, marks, groups, mark];
  args.push(JSON.stringify(ids), first, inOrder ? "" : JSON.stringify(above), listOf(rans));
  args.push(isBare ? 0 : count);
  if (!isBare) args.push(...data);
  return { args, results: bigs };
}

/** Numbers as JSON that has them as texts: a script mostly writes them as they are. */
function listOf(numbers: readonly number[]): string {
  return numbers.length === 0 ? "[]" : `["${numbers.join('","')}"]`;
}

/** What kind of end it is, as a script takes it. */
function kindOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case "complete":
      return "c";
    case "retry":
      return verdict.counted ? "r" : "n";
    case "dead_letter":
      return "d";
    case "cancel":
      return "x";
    case "release":
      return "w";
  }
}

/** What is to be known of an end besides. */
function dataOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case "complete":
      return verdict.result === null ? "" : `=${verdict.result}`;
    case "retry":
      return `${Math.ceil(verdict.delayMs)}|${JSON.stringify(verdict.error)}`;
    case "dead_letter":
    case "cancel":
      return JSON.stringify(verdict.error);
    case "release":
      return "";
  }
}
