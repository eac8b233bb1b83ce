/** Things that are broken by hand: found, explained, put right; and the jobs run to their ends. */

import { assert, assertEquals } from "@std/assert";
import type { FindingKind } from "../../../src/store/doctor_stage.ts";
import { examine, type Patient, runAll, testPatient } from "./doctor.ts";

/** One thing that is broken. */
export interface Case {
  /** What is broken. */
  readonly name: string;
  /** Breaks it. */
  readonly go: (patient: Patient) => Promise<unknown>;
  /** Kind and id of all findings, sorted. */
  readonly finds: readonly (readonly [FindingKind, string | null])[];
  /** Jobs that must complete afterwards. */
  readonly runs?: readonly string[];
  /** Jobs and their statuses right after the repair; those that are there complete, unless canceled. */
  readonly after?: Readonly<Record<string, string | undefined>>;
  /** Jobs and the statuses in whose list they must be right after the repair. */
  readonly ends?: Readonly<Record<string, string>>;
}

/** Orders kinds and ids. */
export const byKind = (
  a: readonly [string, string | null],
  b: readonly [string, string | null],
): number => `${a[0]} ${a[1] ?? ""}` < `${b[0]} ${b[1] ?? ""}` ? -1 : 1;

/** Makes a test of each. */
export function testCases(cases: readonly Case[]): void {
  for (const { name, go, finds, runs = [], after = {}, ends = {} } of cases) {
    testPatient(`check() mends ${name}`, async (patient) => {
      const { store } = patient;
      await go(patient);
      const seen = await examine(store);
      for (const { repaired, text } of seen) assert(!repaired && text.length > 9);
      assertEquals(
        seen.map(({ kind, id }) => [kind, id] as const).toSorted(byKind),
        finds,
        "found",
      );
      const mended = await examine(store, true);
      for (const { repaired } of mended) assert(repaired);
      assertEquals(await examine(store, true), [], "nothing is left");
      for (const [id, status] of Object.entries(after)) {
        assertEquals([id, (await store.getJobs([id]))[0]?.status], [id, status]);
      }
      for (const [id, status] of Object.entries(ends)) {
        assertEquals((await store.getJobs([id]))[0]?.status, status);
        const { jobs } = await store.list({ status: status as "ready", limit: 500 });
        assertEquals(jobs.filter((one) => one.id === id).length, 1, `list of ${id}`);
      }
      await runAll(patient);
      const completed = Object.keys(after).filter((id) => after[id] && after[id] !== "canceled");
      for (const id of [...runs, ...completed]) {
        const [record] = await store.getJobs([id]);
        assertEquals([id, record?.status], [id, "completed"]);
      }
      assertEquals(await examine(store, true), [], "nothing is wrong at the end");
    });
  }
}
