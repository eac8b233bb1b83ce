/** Many cases in one test. */

/** A case that did not hold. */
export interface Failed {
  readonly name: string;
  readonly error: unknown;
}

/** Part of the names of the only cases to run, to look into a failure. */
const ONLY = Deno.env.get("GQM_CASES") ?? "";

/** Runs cases, some at a time, and throws one error that tells of all that failed. */
export async function eachCase<T>(
  rows: readonly T[],
  { name, run, atOnce = 24 }: {
    readonly name: (row: T) => string;
    readonly run: (row: T) => Promise<void>;
    readonly atOnce?: number;
  },
): Promise<void> {
  const failed: Failed[] = [];
  const chosen = rows.filter((row) => name(row).includes(ONLY));
  const left = [...chosen];
  const worker = async (): Promise<void> => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      try {
        await run(row);
      } catch (error) {
        failed.push({ name: name(row), error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, chosen.length) }, worker));
  console.log(`${chosen.length} fault cases`);
  if (failed.length === 0) return;
  const told = failed.map((one) => `--- ${one.name}\n${textOf(one.error)}`);
  throw new Error(`${failed.length} of ${chosen.length} cases failed:\n${told.join("\n")}`);
}

/** Longest wait for what must come: a test that would hang fails instead. */
const LIMIT_MS = 60_000;

/** Calls something that takes a signal, which aborts when it takes far too long. */
export async function limited<T>(
  call: (signal: AbortSignal) => Promise<T>,
  ms: number = LIMIT_MS,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ms);
  try {
    return await call(limit.signal);
  } finally {
    clearTimeout(timer);
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // deno-lint-ignore no-control-regex
  return (error.stack ?? error.message).replaceAll(/\x1b\[[\d;]*m/g, "").slice(0, 3000);
}
