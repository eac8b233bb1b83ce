/**
 * Checks that each lane of a job exists. Without it nobody can read its jobs,
 * so this comes before all that may move some.
 *
 * @module
 */

import type { Part, Problem, Section } from "../check_walk.ts";
import { LIMIT } from "./database.ts";
import type { DoctorView } from "./doctor_view.ts";

/** Lanes of jobs behind a place: one step of an index per lane. */
export const LANES_OF_JOBS = `
WITH RECURSIVE used (lane) AS (
  SELECT min(lane) FROM jobs WHERE lane > ?
  UNION ALL
  SELECT (SELECT min(lane) FROM jobs WHERE lane > used.lane) FROM used
  WHERE used.lane IS NOT NULL ${LIMIT}
)
SELECT lane, EXISTS (SELECT 1 FROM lanes WHERE lanes.lane = used.lane) AS is_there
FROM used WHERE lane IS NOT NULL`;
/** Queue of the jobs whose own has been lost. */
const LOST_QUEUE = "lost";

/** The section of all lanes that have jobs. */
export function laneSection(view: DoctorView): Section {
  return {
    mark: "n",
    place: /^-?\d{1,16}$/,
    oneByOne: false,
    look: (after, limit): Part => {
      const first = after === "" ? Number.MIN_SAFE_INTEGER : Number(after);
      const rows = view.db.all<{ lane: number; is_there: number }>(LANES_OF_JOBS, first, limit);
      const lost = rows.filter(({ is_there: isThere }) => isThere === 0);
      const part = { checked: rows.length, problems: lost.map(({ lane }) => restore(view, lane)) };
      return rows.length < limit ? part : { ...part, next: String(rows.at(-1)!.lane) };
    },
  };
}

/** Its jobs stay as they are, in a line that is named for it: a person may run or move them. */
function restore(view: DoctorView, lane: number): Problem {
  const type = `lane-${lane}`;
  return {
    kind: "lost_entry",
    id: null,
    text: `Jobs have lane ${lane}, which does not exist: their queue and type are lost, and are ` +
      `to be '${LOST_QUEUE}' and '${type}'`,
    mend: view.mend((tx) => {
      tx.lanes.create(lane, LOST_QUEUE, type);
      tx.lanesRemoved();
    }),
  };
}
