/**
 * Limits on Redis: rules as text, which the scripts of claims read.
 *
 * @module
 */

import {
  type LimitRow,
  type LimitTarget,
  MAX_LIMIT_RULES,
  type RuleLimits,
} from "../limit_stage.ts";
import { levelAt, ruleName, targetOf, tokensIn } from "../meter.ts";
import type { ScriptRunner } from "./script_runner.ts";

/** See `LimitStage.setLimit`. */
export async function setLimit(
  runner: ScriptRunner,
  target: LimitTarget,
  limits: RuleLimits | null,
): Promise<boolean> {
  const text = limits === null ? "" : encode(limits);
  const [done] = await runner.call("limit", [ruleName(target), text, MAX_LIMIT_RULES]);
  return done === "1";
}

/** See `LimitStage.limits`. */
export async function listLimits(runner: ScriptRunner): Promise<LimitRow[]> {
  const [now, ...rows] = await runner.call("limits", []) as [string, ...RawRow[]];
  return rows.map(([name, text, running, bucket]): LimitRow => {
    const target = targetOf(name);
    const limits = decode(text);
    const { rate } = limits;
    if ("type" in target && target.perKey) return { target, limits, running: null, tokens: null };
    const tokens = rate && tokensIn(rate, levelAt(rate, toBucket(bucket), Number(now)));
    return { target, limits, running, tokens: tokens ?? null };
  });
}

type RawRow = [name: string, text: string, running: number, bucket: string];

function encode({ concurrency, rate }: RuleLimits): string {
  return [concurrency, rate?.count, rate?.perMs, rate?.burst].map((one) => one ?? "").join("|");
}

function decode(text: string): RuleLimits {
  const [concurrency = "", count = "", perMs, burst] = text.split("|");
  return {
    ...(concurrency === "" ? {} : { concurrency: Number(concurrency) }),
    ...(count === ""
      ? {}
      : { rate: { count: Number(count), perMs: Number(perMs), burst: Number(burst) } }),
  };
}

function toBucket(text: string): Parameters<typeof levelAt>[1] {
  if (text === "") return undefined;
  const [level, at, perMs, fullAt] = text.split("|").map(Number);
  return { level: level!, at: at!, perMs: perMs!, fullAt: fullAt! };
}
