/** What histories bring about between jobs, and by those who intervene. */

import type { JobRecord } from "../../src/job/job.ts";
import { isFinal } from "../../src/job/state.ts";
import type { ActionReply, EnqueueReply, NewJob, Store } from "../../src/store/store.ts";

type Note = (what: string, is: boolean) => void;
type ActArgs = Parameters<Store["act"]>;

const kinds = ["cancel", "retry", "remove", "promote", "prioritize", "edit"] as const;

/** What every bunch of histories must bring about, too. */
export const mustReachOfFamilies: readonly string[] = [
  ...["released", "released with a delay", "deferred 3 deep", "canceled on arrival"],
  ...["cascade 3 deep", "removed parent told", "deferred expired", "status deferred"],
  ...["missing_parent", "missing parent resolved", "group with edges", "waits for 3"],
  ...["merged", "made room", "key free again", "rerun", "rerun claimed"],
  ...["ready", "scheduled", "deferred", "retry"].map((status) => `debounced ${status}`),
  ...["ready", "scheduled", "deferred", "retry"].map((status) => `replaced ${status}`),
  ...["enqueued under a claim", "enqueued under a lost claim"],
  ...kinds.flatMap((kind) => [`${kind} done`, `${kind} missing`]),
  ...["cancel", "retry", "promote", "prioritize"].map((kind) => `${kind} unchanged`),
  ...["cancel", "retry", "remove", "promote", "prioritize", "edit"].map((kind) =>
    `${kind} refused status`
  ),
  ...["retry refused parent", "retry refused duplicate", "retry to deferred", "retry with payload"],
  ...["revived", "revived 2 deep", "revived not, as another parent failed"],
  ...["canceled while processing", "removed while deferred", "prioritized while ready"],
  ...["edited while deferred", "from another status", "claimed while paused"],
];

/** Takes the calls of a store on their way. */
export interface FamilyNotes {
  enqueue(
    groups: readonly (readonly NewJob[])[],
    run: () => Promise<EnqueueReply[]>,
  ): Promise<EnqueueReply[]>;
  act(args: ActArgs, run: () => Promise<ActionReply[]>): Promise<ActionReply[]>;
  claimed(jobs: readonly JobRecord[]): Promise<void>;
}

/** Notes what comes about, by the calls and by looks before and after them. */
export function notingFamilies(inner: Store, note: Note): FamilyNotes {
  const reruns = new Set<string>();
  const delayed = new Set<string>();
  return {
    async enqueue(groups, run) {
      const ids = groups.flat().map(({ id }) => id);
      const before = await byId(inner, ids);
      const replies = await run();
      for (const [i, reply] of replies.entries()) {
        const group = groups[i]!;
        const [job] = group;
        note("enqueued under a lost claim", reply.outcome === "lost");
        if (reply.outcome === "merged") {
          note(`${job!.onConflict}d ${reply.status}`, true);
        }
        if (reply.outcome !== "created") continue;
        note("enqueued under a claim", job?.holder !== undefined);
        note("made room", group.some(({ id }) => before.has(id)));
        const isWithin = ({ settings }: NewJob): boolean =>
          settings.dependsOn?.some((edge) => group.some(({ id }) => id === edge.id)) ?? false;
        note("group with edges", group.some(isWithin));
        for (const [k, one] of group.entries()) {
          const { dependsOn = [] } = one.settings;
          const status = reply.statuses[k]!;
          note("canceled on arrival", status === "canceled");
          if (status !== "deferred") continue;
          if (one.delayMs !== undefined) delayed.add(one.id);
          if (one.onConflict === "rerun" && dependsOn.length === 0) {
            reruns.add(one.id);
            note("rerun", true);
          }
        }
      }
      await noteCreated(inner, groups, replies, note);
      return replies;
    },

    async act([ids, action, from], run) {
      const isRevive = action.kind === "retry" && action.revive === true;
      const before = await byId(inner, ids);
      const fallen = isRevive ? await canceled(inner) : [];
      const replies = await run();
      for (const [i, reply] of replies.entries()) {
        const was = before.get(ids[i]!);
        const reason = reply.outcome === "refused" ? ` ${reply.reason}` : "";
        note("from another status", from !== undefined && reply.outcome === "unchanged");
        if (from !== undefined) continue;
        note(`${action.kind} ${reply.outcome}${reason}`, true);
        if (reply.outcome !== "done" || was === undefined) continue;
        note("retry to deferred", action.kind === "retry" && reply.status === "deferred");
        note("retry with payload", action.kind === "retry" && action.payload !== undefined);
        note("canceled while processing", action.kind === "cancel" && was.status === "processing");
        note("removed while deferred", action.kind === "remove" && was.status === "deferred");
        note("edited while deferred", action.kind === "edit" && was.status === "deferred");
        note("prioritized while ready", action.kind === "prioritize" && was.status === "ready");
      }
      const brought = ids.filter((_, i) => replies[i]!.outcome === "done");
      if (isRevive) await noteRevived(inner, fallen, new Set(brought), note);
      return replies;
    },

    async claimed(jobs) {
      if (jobs.length === 0) return;
      const paused = await inner.paused();
      note("claimed while paused", paused.length > 0);
      for (const { id, settings, attemptsMade, createdAt, startedAt } of jobs) {
        const isFirst = attemptsMade === 0 && startedAt !== createdAt;
        note("released", isFirst && (settings.dependsOn?.length ?? 0) > 0);
        note("released with a delay", isFirst && delayed.has(id));
        note("rerun claimed", reruns.has(id));
      }
    },
  };
}

async function noteCreated(
  inner: Store,
  groups: readonly (readonly NewJob[])[],
  replies: readonly EnqueueReply[],
  note: Note,
): Promise<void> {
  const created = groups.filter((_, i) => replies[i]!.outcome === "created").flat();
  const parents = created.flatMap(({ settings }) => settings.dependsOn ?? []).map(({ id }) => id);
  const there = await byId(inner, parents);
  note("missing parent resolved", parents.some((id) => !there.has(id)));
  const keys = new Set(created.map(({ settings }) => settings.unique?.key ?? null));
  if (keys.size === 0) return;
  const { jobs } = await inner.list({ status: "processing", limit: 50 });
  const isHeld = ({ settings }: JobRecord): boolean =>
    (settings.unique?.key ?? null) !== null && keys.has(settings.unique!.key);
  note("key free again", jobs.some(isHeld));
}

async function noteRevived(
  inner: Store,
  fallen: readonly JobRecord[],
  named: ReadonlySet<string>,
  note: Note,
): Promise<void> {
  const now = await byId(inner, fallen.map(({ id }) => id));
  const isBack = (id: string): boolean => {
    const record = now.get(id);
    return record !== undefined && !isFinal(record.status);
  };
  const was = new Map(fallen.map((record) => [record.id, record]));
  for (const { id, canceledBy } of fallen) {
    if (canceledBy === null || named.has(id)) continue;
    note("revived", isBack(id));
    note("revived 2 deep", isBack(id) && was.has(canceledBy) && !named.has(canceledBy));
    if (!named.has(canceledBy) || isBack(id)) continue;
    const { ids } = await inner.children(canceledBy, { limit: 100 });
    note("revived not, as another parent failed", ids.includes(id));
  }
}

async function canceled(inner: Store): Promise<readonly JobRecord[]> {
  return (await inner.list({ status: "canceled", limit: 500 })).jobs;
}

async function byId(inner: Store, ids: readonly string[]): Promise<Map<string, JobRecord>> {
  const records = await inner.getJobs(ids);
  return new Map(records.filter((record) => record !== null).map((record) => [record.id, record]));
}

/** Notes what records say together. */
export function noteFamilies(records: readonly JobRecord[], note: Note): void {
  const known = new Map(records.map((record) => [record.id, record]));
  const depth = (
    id: string | undefined,
    next: (record: JobRecord) => string | undefined,
  ): number => {
    let steps = 0;
    for (let at = id; at !== undefined && steps < 5; steps++) {
      const record = known.get(at);
      at = record === undefined ? undefined : next(record);
    }
    return steps;
  };
  for (const record of records) {
    const { id, status, canceledBy, error, settings, pendingParents } = record;
    const isCut = status === "canceled" && (settings.dependsOn?.length ?? 0) > 0;
    note("deferred expired", isCut && error === "expired");
    note("removed parent told", canceledBy !== null && (error ?? "").endsWith(" was removed"));
    note("waits for 3", pendingParents.length >= 3);
    const wasCut = ({ canceledBy }: JobRecord): string | undefined => canceledBy ?? undefined;
    note("cascade 3 deep", canceledBy !== null && depth(id, wasCut) > 3);
    note("deferred 3 deep", depth(id, ({ pendingParents: [first] }) => first) > 3);
  }
}
