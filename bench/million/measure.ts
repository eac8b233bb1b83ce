/** Measures operations on several stores in turn, so that all meet the same weather. */

import { median } from "../median.ts";
import { percentile } from "../percentile.ts";
import type { Operation, Subject } from "./operations.ts";

/** What one call of an operation costs on a store: medians of the rounds. */
export interface Cost {
  /** Microseconds until the answer: in each round what a quarter of the calls stay below, as others use the machine too. */
  readonly latencyUs: number;
  /** Microseconds of CPU that Redis spends; absent where there is no Redis. */
  readonly cpuUs?: number;
}

/** What an operation costs on each store. */
export interface Row<Name extends string> {
  readonly operation: string;
  readonly costs: Readonly<Record<Name, Cost>>;
}

/** Stores by name, and what is known of their CPU. */
export interface Bench<Name extends string> {
  readonly subjects: Readonly<Record<Name, Subject>>;
  /** Microseconds of CPU so far. */
  readonly cpuUs?: () => Promise<number>;
}

/** Measures all operations, round by round, each on one store after the other. */
export async function measure<Name extends string>(
  { subjects, cpuUs }: Bench<Name>,
  operations: readonly Operation[],
  rounds: number,
  onStep: (step: string) => void,
): Promise<Row<Name>[]> {
  const names = Object.keys(subjects) as Name[];
  const samples = new Map<string, { latencyUs: number; cpuUs: number }[]>();
  // The first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    onStep(round === 0 ? "warm-up" : `round ${round} of ${rounds}`);
    for (const operation of operations) {
      const order = names.map((_, i) => names[(i + round) % names.length]!);
      for (const name of order) {
        const sample = await once(operation, subjects[name], cpuUs);
        if (round === 0) continue;
        const key = `${operation.name} ${name}`;
        samples.set(key, [...samples.get(key) ?? [], sample]);
      }
    }
  }
  return operations.map(({ name: operation }) => {
    const costs = names.map((name): [Name, Cost] => {
      const all = samples.get(`${operation} ${name}`)!;
      const latencyUs = median(all.map((one) => one.latencyUs));
      return cpuUs === undefined
        ? [name, { latencyUs }]
        : [name, { latencyUs, cpuUs: median(all.map((one) => one.cpuUs)) }];
    });
    return { operation, costs: Object.fromEntries(costs) as Record<Name, Cost> };
  });
}

async function once(
  { calls, prepare, call }: Operation,
  subject: Subject,
  cpuUs: (() => Promise<number>) | undefined,
): Promise<{ latencyUs: number; cpuUs: number }> {
  if (prepare !== undefined) { for (let i = 0; i < calls; i++) await prepare(subject); }
  const latencies: number[] = [];
  const before = await cpuUs?.() ?? 0;
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    await call(subject);
    latencies.push((performance.now() - start) * 1000);
  }
  const used = (await cpuUs?.() ?? 0) - before;
  return { latencyUs: percentile(latencies, 0.25), cpuUs: used / calls };
}
