/**
 * Checks each job of the memory store: that its record can be read, and that
 * it stands where its status says, and only there.
 *
 * @module
 */

import { isFinal, type JobStatus, statuses } from "../../job/state.ts";
import type { Part, Problem, Section } from "../check_walk.ts";
import { keepMs } from "../retention.ts";
import type { DoctorView } from "./doctor.ts";
import { checkFamily } from "./doctor_graph.ts";
import type { Entry } from "./entry.ts";
import { RetainedList } from "./retained_list.ts";

/** The section of all jobs, in the order in which they came. */
export function jobSection(view: DoctorView): Section {
  return {
    mark: "j",
    place: /^\d{1,16}$/,
    oneByOne: true,
    look: (after, limit): Part => {
      const entries: Entry[] = [];
      for (const entry of view.state.jobs.values()) {
        if (entry.number <= Number(after)) continue;
        if (entries.push(entry) === limit) break;
      }
      const problems = entries.flatMap((entry) => judge(view, entry));
      const part = { checked: entries.length, problems };
      return entries.length < limit ? part : { ...part, next: String(entries.at(-1)!.number) };
    },
  };
}

/** Makes a problem of a job. */
function problem(
  view: DoctorView,
  { job: { id } }: Entry,
  kind: Problem["kind"],
  text: string,
  mend: () => void,
): Problem {
  return { kind, id, text, mend: view.mend(mend) };
}

function judge(view: DoctorView, entry: Entry): Problem[] {
  const broken = [...checkLane(view, entry), ...checkRecord(view, entry)];
  if (broken.length > 0) return broken;
  const place = isFinal(entry.status) ? checkEnd(view, entry) : checkPlace(view, entry);
  return [...checkHolder(view, entry), ...place, ...checkFamily(view, entry)];
}

function checkLane(view: DoctorView, entry: Entry): Problem[] {
  const { lane, job: { queue, type } } = entry;
  const { lanes } = view.state;
  const known = lanes.get(queue)?.get(type);
  if (known === lane) return [];
  const text = known === undefined ? "Its line is not there" : "It belongs to another line";
  return [problem(view, entry, "lost_entry", text, () => {
    if (known !== undefined) entry.lane = known;
    else if (lane.queue !== queue || lane.type !== type) entry.lane = view.state.lane(queue, type);
    else if (lanes.has(queue)) lanes.get(queue)!.set(type, lane);
    else lanes.set(queue, new Map([[type, lane]]));
  })];
}

function checkRecord(view: DoctorView, entry: Entry): Problem[] {
  const { state } = view;
  if (entry.removed) {
    const mend = (): void => void (entry.removed = false);
    return [problem(view, entry, "lost_entry", "It is there, but counts as removed", mend)];
  }
  // Types do not hold for what is broken.
  const { payload } = entry.job as { payload: unknown };
  const isKnown = (statuses as readonly string[]).includes(entry.status);
  const texts = [
    ...isKnown ? [] : [`Its status is '${entry.status}', which is none`],
    ...typeof payload === "string" ? [] : ["Its payload is lost"],
    ...Array.isArray(entry.attempts) ? [] : ["Its attempts are lost"],
  ];
  if (texts.length === 0) return [];
  const text = texts.join("; ");
  return [problem(view, entry, "broken_record", text, () => {
    if (typeof payload !== "string") entry.job = { ...entry.job, payload: "null" };
    if (!Array.isArray(entry.attempts)) entry.attempts = [];
    if (!isKnown) {
      entry.status = "deferred";
      entry.lane.counts.deferred++;
    }
    if (isFinal(entry.status)) return;
    if (keepMs(entry.job.settings, "failed", state.limits) === 0) keepFailed(entry);
    state.finish(entry, "failed", text);
  })];
}

/** A job that was broken is kept, whatever its retention says. */
function keepFailed(entry: Entry): void {
  const { settings } = entry.job;
  const retention = { ...settings.retention, failedMs: -1 };
  entry.job = { ...entry.job, settings: { ...settings, retention } };
}

function checkHolder(view: DoctorView, entry: Entry): Problem[] {
  const { state } = view;
  const { status, holder } = entry;
  if (status !== "processing") {
    if (holder === null) return [];
    return [problem(
      view,
      entry,
      "stale_lease",
      `It is ${status}, but has the lease of server '${holder.server}'`,
      () => void (entry.holder = null),
    )];
  }
  if (holder !== null && Number.isFinite(holder.leaseUntil) && state.processing.has(entry)) {
    if (state.meters.has(entry)) return [];
    const mend = (): void => state.meters.add(entry);
    return [problem(view, entry, "wrong_slot", "It is processing, but no limit counts it", mend)];
  }
  const text = holder === null
    ? "It is processing, but nothing says who holds it"
    : state.processing.has(entry)
    ? "It is processing, but its lease does not end"
    : "It is processing, but is not among those that are";
  return [problem(view, entry, "lost_lease", text, () => {
    const now = state.clock.now();
    const known = holder ??
      { fence: state.nextFence(), server: "unknown", pool: "unknown", claimedAt: now };
    const leaseUntil = holder !== null && Number.isFinite(holder.leaseUntil)
      ? holder.leaseUntil
      : now;
    entry.holder = { ...known, leaseUntil };
    state.processing.add(entry);
    state.meters.add(entry);
  })];
}

function checkPlace(view: DoctorView, entry: Entry): Problem[] {
  const { state, places } = view;
  const { status, runAt } = entry;
  const problems: Problem[] = [];
  const lost = (text: string, mend: () => void): void =>
    void problems.push(problem(view, entry, "lost_entry", text, mend));
  if (entry.purgeAt !== null || entry.finishedAt !== null) {
    const text = `It is ${status}, but retention would remove it, as it has an end`;
    problems.push(problem(view, entry, "stale_entry", text, () => {
      entry.purgeAt = null;
      entry.finishedAt = null;
    }));
  }
  if (status === "ready") {
    const times = places.ready.get(entry) ?? 0;
    if (times === 0) lost("It is ready, but not in line", () => state.makeReady(entry, "end"));
    if (times > 1) problems.push(doubled(view, entry, times));
  }
  if ((status === "scheduled" || status === "retry") && !places.due.has(entry)) {
    lost(
      runAt === null ? `It is ${status}, but never due` : `It is ${status}, but not in due`,
      () => state.delay(entry, status, runAt ?? state.clock.now()),
    );
  }
  const { expireAt } = entry.job.settings;
  if (expireAt !== undefined && mayExpire(entry) && !places.expiring.has(entry)) {
    lost("It is to expire, but not in expiring", () => {
      entry.listedToExpire = true;
      state.expiring.push({ entry, key: expireAt });
    });
  }
  return problems;
}

function doubled(view: DoctorView, entry: Entry, times: number): Problem {
  return problem(view, entry, "double_entry", `It is in line ${times} times`, () => {
    let seen = false;
    entry.lane.ready.keep((node) => {
      if (node.entry !== entry || node.key !== entry.order) return true;
      const isFirst = !seen;
      seen = true;
      return isFirst;
    });
  });
}

function mayExpire({ status, attemptsMade, keepsOn }: Entry): boolean {
  const starts: readonly JobStatus[] = ["ready", "scheduled", "deferred"];
  return starts.includes(status) && attemptsMade === 0 && !keepsOn;
}

function checkEnd(view: DoctorView, entry: Entry): Problem[] {
  const { state, places } = view;
  const { status, finishedAt, purgeAt, job: { queue, settings: { retention } } } = entry;
  const problems: Problem[] = [];
  const lost = (text: string, mend: () => void): void =>
    void problems.push(problem(view, entry, "lost_entry", text, mend));
  const lists = state.retained.get(status)!;
  if (!lists.get(queue)?.entries.has(entry)) {
    lost(`It is ${status}, but not among those that are`, () => {
      const list = lists.get(queue) ?? new RetainedList();
      lists.set(queue, list);
      list.entries.add(entry);
    });
  }
  const isCounted = retention?.maxCount !== undefined && retention.maxCount > 0;
  if (isCounted && !state.quotas.has(entry)) {
    lost("It has a number of its own, but is not counted by it", () => state.quotas.add(entry));
  }
  if (finishedAt === null) {
    const text = `It is ${status}, but nothing says since when`;
    lost(text, () => void (entry.finishedAt = state.clock.now()));
  }
  const keep = (status === "completed" ? retention?.completedMs : retention?.failedMs) ?? -1;
  const end = purgeAt ?? (keep > 0 ? (finishedAt ?? state.clock.now()) + keep : null);
  if (end !== null && !places.purging.has(entry)) {
    lost("Its retention ends, but nothing would remove it", () => {
      entry.purgeAt = end;
      state.purging.push({ entry, key: end });
    });
  }
  return problems;
}
