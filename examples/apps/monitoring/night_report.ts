/** Which jobs failed in some hours of the night, and why: asked of the REST API. */

import type { MonitorAt } from "./watch.ts";

/** A time span, in epoch milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Group {
  readonly fingerprint: string;
  readonly name: string | null;
  readonly message: string;
  readonly place: string | null;
  readonly count: number;
  readonly last_at_ms: number;
}

interface FailedJob {
  readonly id: string;
  readonly type: string;
  readonly payload: unknown;
  readonly error?: string;
}

/** A report as Markdown: failures by what they have in common, the most frequent first, with the jobs of each. */
export async function nightReport(monitor: MonitorAt, span: Span): Promise<string> {
  const { data: groups } = await ask(monitor, "errors?order=frequent&limit=20") as {
    data: Group[];
  };
  const lines = [`# Failures from ${time(span.fromMs)} to ${time(span.toMs)}`, ""];
  for (const group of groups) {
    if (group.last_at_ms < span.fromMs) continue;
    const jobs = await failedJobs(monitor, group.fingerprint, span);
    if (jobs.length === 0) continue;
    lines.push(`## ${jobs.length} × ${group.name}: ${group.message}`, "");
    if (group.place !== null) lines.push(`At \`${group.place}\``, "");
    for (const { id, type, payload } of jobs) {
      lines.push(`- ${type} \`${JSON.stringify(payload)}\`: ${monitor.url}/dashboard/#/jobs/${id}`);
    }
    lines.push("");
  }
  return lines.join("\n");
}

/** All dead letters of a kind in the span. One answer looks at a bounded number of jobs; the cursor goes on. */
async function failedJobs(
  monitor: MonitorAt,
  fingerprint: string,
  span: Span,
): Promise<FailedJob[]> {
  const found: FailedJob[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      status: "dead_letter",
      fingerprint,
      from_ms: String(span.fromMs),
      to_ms: String(span.toMs),
      ...cursor === undefined ? {} : { cursor },
    });
    const { data, meta } = await ask(monitor, `search?${query}`) as {
      data: FailedJob[];
      meta: { cursor?: string };
    };
    found.push(...data);
    ({ cursor } = meta);
  } while (cursor !== undefined);
  return found;
}

async function ask({ url, key }: MonitorAt, path: string): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/${path}`, { headers: { "x-api-key": key } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
