/**
 * Checking the file. A part of it is read first; only if there is something to
 * be repaired is the file locked, and the part looked at again.
 *
 * What SQLite keeps by itself, its indexes and the rows as such, is not checked
 * here: that is for `PRAGMA integrity_check`.
 *
 * @module
 */

import { type Section, walk, type Walked } from "../check_walk.ts";
import type { CheckReply, CheckRequest } from "../doctor_stage.ts";
import { countSection, metaSection } from "./doctor_counts.ts";
import { dataSections } from "./doctor_data.ts";
import { edgeSection } from "./doctor_graph.ts";
import { jobSection } from "./doctor_jobs.ts";
import { laneSection } from "./doctor_lanes.ts";
import { DoctorView } from "./doctor_view.ts";
import type { Engine } from "./engine.ts";
import type { StoreFile } from "./file.ts";
import type { Transaction } from "./transaction.ts";

/** See `DoctorStage.check`. */
export async function check(file: StoreFile, request: CheckRequest): Promise<CheckReply> {
  const { reply, isMendable } = await file.read((engine) => examine(engine, request));
  if (!request.repair || !isMendable) return reply;
  return await file.write((tx) => repair(tx, { ...request, limit: reply.checked }));
}

/** Looks at a part of the file. */
export function examine({ db, now }: Pick<Engine, "db" | "now">, request: CheckRequest): Walked {
  return walk(sectionsOf(new DoctorView(db, now)), { ...request, repair: false });
}

/** Looks at a part of the file, and puts right what is wrong. */
export function repair(tx: Transaction, request: CheckRequest): CheckReply {
  return walk(sectionsOf(new DoctorView(tx.db, tx.now, tx)), request).reply;
}

/** Numbers that others rely on come first; what jobs are counted by comes when they are right. */
function sectionsOf(view: DoctorView): Section[] {
  return [
    metaSection(view),
    laneSection(view),
    jobSection(view),
    edgeSection(view),
    ...dataSections(view),
    countSection(view),
  ];
}
