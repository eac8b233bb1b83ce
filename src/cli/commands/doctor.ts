/**
 * `gqm doctor`: whether a store is in order.
 *
 * @module
 */

import type { Finding } from "../../store/doctor_stage.ts";
import type { Command } from "../command.ts";
import { defineCommand } from "../define.ts";
import { yes } from "../flags.ts";
import { many } from "../format.ts";
import { jsonFlag, printDone, printJson, printTable } from "../output.ts";
import { ProgressLine } from "../progress_line.ts";
import { storeFlag, withStore } from "../store.ts";

const STEP = 1000;

/** The command. */
export const doctor: Command = defineCommand({
  name: "doctor",
  summary: "Check a store while it is in use, and repair it",
  flags: { repair: yes("Put right what is wrong"), ...jsonFlag, ...storeFlag },
  details:
    "Every job must be in its place, and every place have its job. Ends with 1 if something is wrong and was not put right. A repair loses no job.",
  examples: ["doctor --store redis://127.0.0.1:6379", "doctor --repair"],
  run: ({ flags: { repair, json, store } }, terminal) =>
    withStore(store, async (opened) => {
      const line = new ProgressLine(terminal);
      const all = (await opened.counts()).reduce((sum, { count }) => sum + count, 0);
      const { layoutVersion } = await opened.info();
      const findings: Finding[] = [];
      let checked = 0;
      let cursor: string | undefined;
      do {
        const step = await opened.check({ repair, limit: STEP, cursor });
        checked += step.checked;
        findings.push(...step.findings);
        line.show(checked, Math.max(all, checked), many(findings.length, "finding"));
        cursor = step.cursor;
      } while (cursor !== undefined);
      line.end();
      if (json) printJson({ checked, findings, layoutVersion }, terminal);
      else if (findings.length === 0) {
        const layout = layoutVersion === null ? "" : `, layout ${layoutVersion}`;
        printDone(`nothing is wrong with ${opened.description}${layout}`, terminal);
      } else {
        printTable(
          findings,
          [
            { title: "WHAT", cell: ({ kind }) => kind },
            {
              title: "JOB",
              cell: ({ id }) => id ?? "",
            },
            { title: "REPAIRED", cell: ({ repaired }) => repaired ? "yes" : "no" },
            { title: "SEEN", cell: ({ text }) => text, isLong: true },
          ],
          terminal,
          "",
        );
      }
      return findings.every(({ repaired }) => repaired) ? 0 : 1;
    }),
});
