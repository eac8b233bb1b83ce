// @ts-check
/**
 * One job: what it is, what became of it, and what can be done with it.
 */

import { get, part, request } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Card, Empty, Shown, Status, Time } from "../parts/basics.js";
import { act, ActionButtons, fits, hasFailed, myActions, waits } from "../parts/job_actions.js";
import { ChangePriority, EditPayload } from "../parts/job_edit.js";
import { Attempts, Children, Facts, Logs, Parents } from "../parts/job_facts.js";
import { JsonCard } from "../parts/json_tree.js";
import { jobs } from "../parts/operation.js";
import { toast, told } from "../parts/toast.js";
import { go, href } from "../router.js";
import { may, visible } from "../state.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";

/** @typedef {import("../parts/operation.js").Action} Action */

/** How often the log of a job that runs is read: of its lines nothing is told. */
const LOG_MS = 2000;
const MOST_CHILDREN = 100;
/** Answers to an id that no job has, or none can have. */
const NOT_THERE = [404, 400];

/** @param {{ id: string }} props */
export function Job({ id }) {
  const family = useRef(new Set([id]));
  const [isRemoved, setRemoved] = useState(false);
  const data = useData(
    (signal) => get(`/api/v1/jobs/${part(id)}/details`, { limit: MOST_CHILDREN }, signal),
    [id],
    {
      events: ["jobs"],
      isAbout: ({ jobs, more }) => {
        const of = jobs.filter((/** @type {any} */ one) => family.current.has(one.id));
        const own = of.findLast((/** @type {any} */ one) => one.id === id);
        if (own) setRemoved(own.status === null);
        return own?.status !== null && (more > 0 || of.length > 0);
      },
    },
  );
  const { value, error } = data;
  const now = value?.data;
  const isRunning = now?.job.status === "processing";
  const isGone = isRemoved || error !== undefined && NOT_THERE.includes(error.status);
  useEffect(() => {
    if (now) {
      family.current = new Set([
        id,
        ...[...now.parents, ...now.children].map((one) => one.id),
      ]);
    }
  }, [now]);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => visible.get() && void data.reload(), LOG_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  if (isGone && !value) {
    return html`
      <${Card}>
        <${Empty} title="There is no job with this id">
          <p>It may have been removed. <a href=${href(["jobs"], {
            q: id,
          })}>Look for it in all jobs</a></p>
          <//>
          <//>
    `;
  }
  return html`
    ${isGone && html`<p class="failure" role="status">This job was removed.</p>`}
    <${Shown} data=${isGone ? { ...data, error: undefined } : data} lines=${8}>${(
      /** @type {any} */ { data: all, meta },
    ) => html`<${Whole} all=${all} meta=${meta} isGone=${isGone} reload=${data.reload} />`}<//>
  `;
}

/** @param {{ all: any, meta: any, isGone: boolean, reload: () => Promise<void> }} props */
function Whole({ all: { job, parents, children }, meta, isGone, reload }) {
  const { id, type, status, error, progress, payload, result, logs = [], attempts = [] } = job;
  const { fingerprint } = attempts.at(-1)?.error ?? {};
  return html`
    <${Card} title=${html`${type} <${Status} status=${status} />`} actions=${!isGone &&
      may("operator") && html`<${Actions} job=${job} below=${children} reload=${reload} />`}>
      ${progress && html`<p class="progress">${
        progress.value >= 0 && progress.value <= 1 &&
        html`<progress max="1" value=${progress.value} aria-label="How far it is"></progress>`
      }<strong>${format.progress(progress.value)}</strong> <span>${progress.message}</span>
        <span class="faint"><${Time} at=${progress.at_ms} /></span></p>`}
      ${hasFailed(job) && html`<pre class="failure">${error}</pre>
        ${
        fingerprint &&
        html`<p><a href=${href(["jobs"], { fingerprint })}>Jobs that failed the same way</a></p>`
      }`}
      <${Facts} job=${job} />
    <//>
    <div class="columns">
      <${JsonCard} title="Payload" value=${payload} />
      ${result !== undefined && html`<${JsonCard} title="Result" value=${result} />`}
      ${job.meta !== undefined && html`<${JsonCard} title="Meta" value=${job.meta} />`}
    </div>
    <${Card} title="Attempts"><${Attempts} job=${job} /><//>
    ${(logs.length > 0 || status === "processing") && html`<${Card} title="Log">
      ${
      logs.length > 0
        ? html`<${Logs} logs=${logs} />`
        : html`<${Empty} title="Nothing was logged yet" />`
    }<//>`}
    ${parents.length + children.length > 0 && html`<div class="columns">
      ${
      parents.length > 0 &&
      html`<${Parents} id=${id} parents=${parents} isMore=${meta.more_parents} />`
    }
      ${
      children.length > 0 &&
      html`<${Children} key=${id} id=${id} first=${children} next=${meta.cursor} />`
    }
    </div>`}
  `;
}

/** @param {{ job: any, below: readonly any[], reload: () => Promise<void> }} props `below`: the jobs that wait for it. */
function Actions({ job, below, reload }) {
  const { id, status } = job;
  const [open, setOpen] = useState("");
  const [isBusy, setBusy] = useState(false);
  /** @param {() => Promise<unknown>} what */
  const busy = async (what) => {
    setBusy(true);
    await what();
    setBusy(false);
  };
  const close = () => setOpen("");
  /** @param {Action} action */
  const onAct = (action) =>
    busy(async () => {
      const needy = below.filter((one) => waits(one.status)).length;
      const more = needy > 0 && `${jobs(needy)} that wait for it may be canceled with it.`;
      if (!await act(action, [job], more || "")) return;
      if (action === "delete") go(href(["jobs"]));
      else await reload();
    });
  const revive = () =>
    busy(() =>
      told(async () => {
        await request("POST", `/api/v1/jobs/${part(id)}/retry`, { query: { revive: true } });
        toast("It runs again, and the jobs that it had canceled come back");
        await reload();
      })
    );
  const canRevive = fits("retry", status) && below.some((one) => one.status === "canceled");
  /** @param {string} name @param {() => void} onClick */
  const button = (name, onClick) =>
    html`
      <button type="button" class="button small" disabled=${isBusy}
        onClick=${onClick}>${name}</button>
    `;
  /** @param {(action: Action) => boolean} which */
  const common = (which) =>
    html`<${ActionButtons} which=${
      myActions().filter((action) => which(action) && fits(action, status))
    } onAct=${onAct} isBusy=${isBusy} />`;
  return html`
    ${common((action) => action !== "delete")}
    ${canRevive && button("Retry with children", revive)}
    ${button("Edit payload…", () => setOpen("edit"))}
    ${waits(status) && button("Priority…", () => setOpen("priority"))}
    ${common((action) => action === "delete")}
    ${open === "edit" && html`<${EditPayload} job=${job} onClose=${close} onDone=${reload} />`}
    ${open === "priority" &&
      html`<${ChangePriority} job=${job} onClose=${close} onDone=${reload} />`}
  `;
}
