/**
 * Reports on folders: jobs that wait until files of a folder have been read, and one that waits for them all, so that
 * there is a graph.
 *
 * @module
 */

import type { Client } from "../../enqueue/client.ts";
import type { JobHandle } from "../../enqueue/handle.ts";
import { DEMO_QUEUE, type DemoJobs, REPORT, type Totals } from "./jobs.ts";

/** A job that reads a file. */
export interface ReadingJob {
  readonly id: string;
  readonly path: string;
}

/** Folders that are reported on, and files of each: as many as can be looked at. */
const MAX_FOLDERS = 4;
const MAX_FILES = 4;

/** Picks the first folders that hold several files, each with its first files. */
export function pickFolders(reading: readonly ReadingJob[]): Map<string, ReadingJob[]> {
  const folders = [...Map.groupBy(reading, ({ path }) => folderOf(path))]
    .filter(([, files]) => files.length > 1);
  return new Map(
    folders.slice(0, MAX_FOLDERS).map(([folder, files]) => [folder, files.slice(0, MAX_FILES)]),
  );
}

/**
 * Enqueues a report on each of some folders, and one on all of them.
 *
 * @param reading The jobs that read the files.
 * @param dir The folder of them all, and the id of the job that reads it as if it were a file.
 */
export async function enqueueReports(
  client: Client<DemoJobs>,
  reading: readonly ReadingJob[],
  dir: ReadingJob,
): Promise<JobHandle<unknown, Totals>[]> {
  const shared = { queue: DEMO_QUEUE, enqueuedBy: "gqm demo" } as const;
  const folders = await client.enqueueMany(
    [...pickFolders(reading)].map(([folder, files]) => ({
      type: REPORT,
      payload: { folder },
      options: { ...shared, dependsOn: files.map(({ id }) => ({ id, onFailure: "continue" })) },
    } as const)),
  );
  const parents = [...folders, dir].map(({ id }) => ({ id, onFailure: "continue" } as const));
  const last = await client.enqueue(REPORT, { folder: dir.path }, {
    ...shared,
    dependsOn: parents,
  });
  return [...folders, last];
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")));
}
