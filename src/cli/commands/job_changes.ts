/**
 * Commands that change jobs: those that are named, or all that a filter means.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { type Api, ApiError, targetFlags, withApi } from "../api.ts";
import { type Command, UsageError } from "../command.ts";
import { askFirst, yesFlag } from "../confirm.ts";
import { defineCommand } from "../define.ts";
import { yes } from "../flags.ts";
import { many } from "../format.ts";
import { jsonFlag, printDone, printJson } from "../output.ts";
import { filterFlags, filterOf, type JobFilter } from "./job_filter.ts";
import { type Action, done, runOperation } from "./operation.ts";

/** What a command does with jobs. */
export interface Change {
  readonly name: string;
  readonly action: Action;
  readonly summary: string;
  /** Does it with one job. */
  readonly one: (api: Api, id: string) => Promise<unknown>;
  readonly examples: readonly string[];
  /** The only status that is meant, if it is one. */
  readonly status?: string;
}

const { status: statusFlag, ...otherFilters } = filterFlags;
const commonFlags = {
  all: yes("All that can be, where no filter says which"),
  ...yesFlag,
  ...jsonFlag,
  ...targetFlags,
};

/** A command that does something with jobs. */
export function changeCommand({ status, action, ...change }: Change): Command {
  return defineCommand({
    ...change,
    args: [{ name: "ID", isOptional: true, isMany: true }],
    flags: {
      ...otherFilters,
      ...status === undefined ? { status: statusFlag } : {},
      ...commonFlags,
    },
    details: "Name jobs by their ids, or say by filters which are meant, however many.",
    run: ({ args, flags }, terminal) => {
      const given = filterOf({ status: [], ...flags }, systemClock.now());
      const hasFilter = Object.keys(given).length > 0;
      if (args.length > 0 && (hasFilter || flags.all)) {
        throw new UsageError("ids and filters cannot both be given");
      }
      if (args.length === 0 && !hasFilter && !flags.all) {
        throw new UsageError("say which jobs: their ids, a filter, or '--all'");
      }
      const filter = status === undefined ? given : { ...given, status: [status] };
      return withApi(
        flags,
        (api) =>
          args.length > 0
            ? changeEach(api, args, action, change.one, flags.json, terminal)
            : changeAll(api, action, filter, flags, terminal),
      );
    },
  });
}

async function changeEach(
  api: Api,
  ids: readonly string[],
  action: Action,
  one: Change["one"],
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const results: { id: string; ok: boolean; error?: string }[] = [];
  for (const id of ids) {
    try {
      await one(api, id);
      results.push({ id, ok: true });
      if (!json) printDone(`${id} ${done[action]}`, terminal);
    } catch (error) {
      // What holds for one job is no reason to leave the others.
      if (!(error instanceof ApiError) || ![404, 409].includes(error.status)) throw error;
      results.push({ id, ok: false, error: error.message });
      if (!json) terminal.err(`✗ gqm: ${id}: ${error.message}\n`);
    }
  }
  if (json) printJson(results, terminal);
  return results.every(({ ok }) => ok) ? 0 : 1;
}

async function changeAll(
  api: Api,
  action: Action,
  filter: JobFilter,
  { yes, json }: { readonly yes: boolean; readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const preview = await api.send<{ data: Preview }>("POST", "/api/v1/operations/preview", {
    action,
    query: filter,
  });
  const { matched, complete, total } = preview.data;
  if (complete && matched === 0) {
    if (json) printJson({ changed: 0 }, terminal);
    else terminal.out("no such jobs\n");
    return 0;
  }
  const which = complete ? many(matched, "job") : `up to ${many(total, "job")}`;
  const isSure = yes || await askFirst(`${action} ${which} at ${api.place}`, terminal);
  if (!isSure) return 1;
  return await runOperation(api, { action, query: filter, expected: total }, json, terminal);
}

interface Preview {
  readonly total: number;
  readonly matched: number;
  readonly complete: boolean;
}
