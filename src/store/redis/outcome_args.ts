/**
 * What a settle tells, as its script takes it.
 *
 * @module
 */

import type { Outcome, StartMark } from "../store.ts";
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
  let kinds = "";
  let marks = "";
  let groups = "";
  const ids: string[] = [];
  const fences: Arg[] = [];
  const rans: Arg[] = [];
  const data: string[] = [];
  const bigs: Arg[][] = [];
  for (const [i, outcome] of outcomes.entries()) {
    const { id, fence, verdict, ranMs } = outcome;
    marks += marksOf(outcome);
    groups += groupLine(verdict, i + 1);
    const short = toShort(id);
    ids.push(short);
    fences.push(String(fence));
    rans.push(Math.floor(ranMs));
    switch (verdict.kind) {
      case "complete":
        if (verdict.result !== null && verdict.result.length > MAX_INLINE) {
          const name = `${short}:${fence}`;
          bigs.push(setBig(runner, "res", name, verdict.result));
          kinds += "C";
          data.push("");
        } else {
          kinds += "c";
          data.push(verdict.result === null ? "" : `=${verdict.result}`);
        }
        break;
      case "retry":
        kinds += verdict.counted ? "r" : "n";
        data.push(`${Math.ceil(verdict.delayMs)}|${JSON.stringify(verdict.error)}`);
        break;
      case "dead_letter":
      case "cancel":
        kinds += verdict.kind === "cancel" ? "x" : "d";
        data.push(JSON.stringify(verdict.error));
        break;
      case "release":
        kinds += "w";
        data.push("");
        break;
      default:
        verdict satisfies never;
    }
  }
  const mark = startMark === undefined ? "" : encodeMark(startMark);
  return {
    args: [kinds, marks, groups, mark, ...ids, ...fences, ...rans, ...data],
    results: bigs,
  };
}
