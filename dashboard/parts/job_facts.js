// @ts-check
/**
 * What is known of a job beside its data: facts, attempts, lines of its log, and the jobs around it.
 */

import { get, part } from "../api.js";
import * as format from "../format.js";
import { href } from "../router.js";
import { html, useState } from "../vendor/preact.js";
import { Card, Empty, Status, Time, useNow } from "./basics.js";
import { More } from "./table.js";
import { told } from "./toast.js";

/** Epoch milliseconds of a time of the API. @param {string | undefined} seconds */
export function msOf(seconds) {
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** For how long it is kept, or may run. @param {string | undefined} seconds */
function span(seconds) {
  if (seconds === undefined) return undefined;
  return seconds === "-1" ? "for ever" : format.duration(Number(seconds) * 1000);
}

/** @param {{ job: any }} props */
export function Facts({ job }) {
  /** @param {string | undefined} at */
  const time = (at) => at && html`<${Time} at=${msOf(at)} />`;
  /** @param {string | undefined} id */
  const link = (id) => id && html`<a href=${href(["jobs", id])}>${id}</a>`;
  const waitMs = job.attempts?.[0]
    ? job.attempts[0].started_at_ms - Number(msOf(job.created_at))
    : undefined;
  /** @type {[string, unknown][]} */
  const facts = [
    ["Queue", html`<a href=${href(["queues", job.queue])}>${job.queue}</a>`],
    ["Priority", job.priority === "0" ? undefined : job.priority],
    ["Enqueued", time(job.created_at)],
    ["By", job.enqueued_by],
    ["Due", job.status === "completed" ? undefined : time(job.scheduled_at)],
    ["Expires", time(job.expire_at)],
    ["Started", time(job.started_at)],
    ["Waited", waitMs !== undefined && waitMs > 1000 ? format.duration(waitMs) : undefined],
    ["Ended", time(job.completed_at)],
    ["Ran", job.execution_duration && format.duration(Number(job.execution_duration))],
    ["Attempts", Number(job.attempts_made) || undefined],
    ["Retries", job.max_retry && `${job.retry_count} of ${job.max_retry}`],
    ["Lost", job.deliveries === "0" ? undefined : job.deliveries],
    ["Time limit", span(job.timeout)],
    ["Server", job.server_id && `${job.server_id}, pool ${job.worker_id}`],
    ["Holder", job.stale ? html`<span class="refused">presumed dead</span>` : undefined],
    ["Limit key", job.limit_key],
    [
      "Schedule",
      job.schedule_id &&
      html`<a href=${href(["schedules", job.schedule_id])}>${job.schedule_id}</a>`,
    ],
    ["Slot", time(job.slot_at)],
    ["Canceled by", link(job.canceled_by)],
    ["Kept if completed", span(job.result_ttl)],
    ["Kept if not", span(job.failure_ttl)],
  ];
  return html`<dl class="job-facts">${
    facts.filter(([, value]) => value !== undefined && value !== "").map(([name, value]) =>
      html`
        <div key=${name}>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>
      `
    )
  }</dl>`;
}

/** The attempts, the newest first, each where it was in the life of the job. @param {{ job: any }} props */
export function Attempts({ job }) {
  const { attempts = [], status } = job;
  const now = useNow();
  const running = status === "processing"
    ? [{
      attempt: Number(job.attempts_made) + 1,
      started_at_ms: msOf(job.started_at),
      outcome: status,
      pool: job.worker_id,
      server_id: job.server_id,
    }]
    : [];
  const all = [...attempts, ...running];
  if (all.length === 0) return html`<${Empty} title="It has not run yet" />`;
  // Whole seconds: a wait that is shorter may be none.
  const [createdAt, firstAt] = [Number(msOf(job.created_at)), all[0].started_at_ms];
  const start = firstAt - createdAt > 1000 ? createdAt : firstAt;
  const end = Math.max(...all.map((one) => one.finished_at_ms ?? now), start + 1);
  /** @param {number} ms */
  const at = (ms) => `${Math.min(100, Math.max(0, 100 * (ms - start) / (end - start)))}%`;
  return html`<ol class="attempts" reversed>${
    all.toReversed().map((
      { attempt, started_at_ms, finished_at_ms = now, outcome, server_id, pool, error },
      i,
    ) =>
      html`<li key=${`${attempt} ${started_at_ms}`}>
      <div class="bar"><strong>${attempt}</strong> <${Status} status=${outcome} /> <${Time} at=${started_at_ms} />
        <span title="How long it ran">${
        format.duration(Math.max(0, finished_at_ms - started_at_ms))
      }</span><span class="faint">${server_id}, ${pool}</span></div>
      <div class="track" aria-hidden="true"><span class=${`track-part track-${outcome}`} style=${{
        left: `min(${at(started_at_ms)}, 100% - 3px)`,
        right: `calc(100% - ${at(finished_at_ms)})`,
      }} /></div>
      ${
        error &&
        html`<p class="group-message">${
          error.name && html`<strong>${error.name}: </strong>`
        }${error.message}</p>`
      }
      ${
        error?.stack && html`
          <details open=${i === 0 && status !== "completed"}>
            <summary>Stack</summary>
            <pre>${error.stack}</pre>
          </details>
        `
      }
    </li>`
    )
  }</ol>
    ${
    attempts.length < Number(job.attempts_made) &&
    html`<p class="faint">Only the newest ${attempts.length} are kept.</p>`
  }`;
}

/** Lines of the log, the newest first, each with the time since the first. @param {{ logs: readonly any[] }} props */
export function Logs({ logs }) {
  const [first] = logs;
  return html`<ol class="logs">${
    logs.toReversed().map(({ at_ms, text }, i) =>
      html`<li key=${`${at_ms} ${logs.length - i}`}>
    <span class="faint" title=${format.time(at_ms)}>+${
        format.duration(at_ms - first.at_ms)
      }</span> <span>${text}</span></li>`
    )
  }</ol>`;
}

/** @param {{ id: string, parents: readonly any[], isMore: boolean }} props */
export function Parents({ id, parents, isMore }) {
  const what = {
    cancel: "canceled if it fails",
    continue: "runs whatever becomes of it",
    ignore: "does not mind its end",
  };
  return html`
    <${Card} title=${`Parents: ${parents.length}${isMore ? "+" : ""}`} actions=${graph(id)}>
      <ul class="rows">${parents.map((one) =>
        html`
          <li
            key=${one.id}><${Relative} job=${one} />${one.pending &&
              html`<span class="faint end">waiting · ${
                what[/** @type {"cancel"} */ (one.on_failure)]
              }</span>`}</li>
        `
      )}
      </ul>
      <//>
  `;
}

/** @param {{ id: string, first: readonly any[], next?: string }} props The first page, and where the next begins. */
export function Children({ id, first, next }) {
  const [more, setMore] = useState(
    /** @type {{ rows: any[], cursor?: string } | undefined} */ (undefined),
  );
  const [isBusy, setBusy] = useState(false);
  const rows = [...new Map([...more?.rows ?? [], ...first].map((job) => [job.id, job])).values()];
  const cursor = more ? more.cursor : next;
  const read = async () => {
    setBusy(true);
    const answer =
      /** @type {any} */ (await told(() =>
        get(`/api/v1/jobs/${part(id)}/details`, { limit: 100, cursor })
      ));
    if (answer) {
      setMore({ rows: [...more?.rows ?? [], ...answer.data.children], cursor: answer.meta.cursor });
    }
    setBusy(false);
  };
  return html`
    <${Card} title=${`Children: ${rows.length}${cursor ? "+" : ""}`} actions=${graph(id)}>
      <ul class="rows">
        ${rows.map((one) =>
          html`
            <li key=${one.id}>
              <${Relative} job=${one} />
            </li>
          `
        )}</ul>
      <${More} hasMore=${cursor !== undefined} isBusy=${isBusy} onMore=${read} />
      <//>
  `;
}

/** @param {string} id */
function graph(id) {
  return html`<a href=${href(["dag", id])}>Graph</a>`;
}

/** @param {{ job: any }} props */
function Relative({ job: { id, type, queue, status } }) {
  return html`
    <${Status} status=${status} /> <a href=${href(["jobs", id])}>${type ?? id}</a> <span
      class="faint">${queue}</span>
  `;
}
