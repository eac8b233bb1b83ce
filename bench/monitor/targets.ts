/** What is asked for: every route that reads, with names that are there. */

import { routes } from "../../src/monitor/routes.ts";

/** Where the name of a path stands in the answer that lists such names. */
const NAMES: Readonly<Record<string, readonly [list: string, field: string]>> = {
  "/api/v1/queues/": ["/api/v1/queues", "name"],
  "/api/v1/jobs/": ["/api/v1/queues/mail/jobs?status=completed", "id"],
  "/api/v1/servers/": ["/api/v1/servers", "id"],
  "/api/v1/workers/": ["/api/v1/workers", "id"],
  "/api/v1/cron/": ["/api/v1/cron", "id"],
  "/api/v1/dag/graph/": ["/api/v1/dag/roots", "id"],
};

/** Lists that are longer than their first page. */
const DEEP: readonly string[] = [
  "/api/v1/queues/mail/jobs?status=completed&page=400&limit=100",
  "/api/v1/queues/mail/jobs?status=completed&page=2000&limit=20",
  "/api/v1/stats/daily?days=90",
];

/** Something to ask for. */
export interface Target {
  /** What it stands for: the path of its route, or the whole of what is asked. */
  readonly name: string;
  /** Path and query. */
  readonly path: string;
}

/** All that can be asked for, by a server that is there. */
export async function targets(url: string): Promise<Target[]> {
  const found: Target[] = [];
  for (const { method, path } of routes) {
    if (method === "GET") found.push({ name: path, path: await filled(url, path) });
  }
  return [...found, ...DEEP.map((path) => ({ name: path, path }))];
}

/** A path with a name that is there in the place of the braces. */
async function filled(url: string, path: string): Promise<string> {
  const [prefix = "", rest] = path.split(/\{\w+\}/);
  if (rest === undefined) return path;
  const named = NAMES[prefix];
  if (named === undefined) {
    throw new Error(
      `Cannot ask as NAMES must say what '${path}' names: current value is undefined`,
    );
  }
  const [list, field] = named;
  const { data } = await (await fetch(`${url}${list}`)).json();
  return `${prefix}${encodeURIComponent(data[0][field])}${rest}`;
}
