/**
 * Which jobs are meant, by flags.
 *
 * @module
 */

import { statuses } from "../../job/state.ts";
import type { Query } from "../api.ts";
import { span, text, texts, type Values } from "../flags.ts";

/** The flags that say which jobs are meant. */
export const filterFlags = {
  status: texts("STATUS", "Only of these statuses", statuses),
  queue: text("NAME", "Only of this queue"),
  type: text("TYPE", "Only of this type"),
  text: text("TEXT", "Only with this in the id, the payload, the result or the errors"),
  prefix: text("ID", "Only with ids that begin so"),
  since: span("SPAN", "Only of this time until now, such as 2h: when it ended, is due, or began"),
};

/** What the flags mean, as the API reads it. */
export interface JobFilter {
  readonly status?: readonly string[];
  readonly queue?: string;
  readonly type?: string;
  readonly q?: string;
  readonly id_prefix?: string;
  readonly from_ms?: number;
}

/** The filter that the flags mean; without properties if they say nothing. */
export function filterOf(flags: Values<typeof filterFlags>, nowMs: number): JobFilter {
  const { status, queue, type, text, prefix, since } = flags;
  return {
    ...status.length > 0 ? { status } : {},
    ...queue === undefined ? {} : { queue },
    ...type === undefined ? {} : { type },
    ...text === undefined ? {} : { q: text },
    ...prefix === undefined ? {} : { id_prefix: prefix },
    ...since === undefined ? {} : { from_ms: nowMs - since },
  };
}

/** The filter in the query of a path. */
export function toQuery(filter: JobFilter): Query {
  return { ...filter };
}
