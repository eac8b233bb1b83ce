// @ts-check
/**
 * Another payload or priority for a job.
 */

import { part, request } from "../api.js";
import { go, href } from "../router.js";
import { html, useState } from "../vendor/preact.js";
import { Dialog } from "./dialog.js";
import { fits, hasEnded, isExact, waits } from "./job_actions.js";
import { toast, told } from "./toast.js";

const HIGHEST = 30;

/** @param {{ job: any, onClose: () => void, onDone: () => Promise<void> }} props */
export function EditPayload({ job: { id, status, payload }, onClose, onDone }) {
  const [text, setText] = useState(() => JSON.stringify(payload, null, 2));
  const canStay = waits(status) || fits("retry", status);
  const [isNew, setNew] = useState(!canStay);
  const [isBusy, setBusy] = useState(false);
  const problem = problemOf(text);
  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const answer = await edit(id, { payload: JSON.parse(text), as_new: isNew });
    setBusy(false);
    if (!answer) return;
    onClose();
    if (answer.job_id === id) await onDone();
    else go(href(["jobs", answer.job_id]));
  };
  const label = isNew ? "Enqueue as a new job" : hasEnded(status) ? "Save and run again" : "Save";
  return html`
    <${Dialog} title="Edit payload" onClose=${onClose} isWide=${true}>
      <form class="dialog-text" onSubmit=${submit}>
        <label class="field">Payload, as JSON
          <textarea class="code" rows="16" spellcheck=${false} value=${text} aria-invalid=${problem !==
            ""} aria-describedby="edit-problem"
            onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} /></label>
        <p id="edit-problem" class="refused" role="status">${problem}</p>
        ${!isExact(text) &&
          html`
            <p
              class="faint">What your role is not shown, and numbers of 16 digits and more, must be given anew.</p>
          `}
        <label><input type="checkbox" checked=${isNew} disabled=${!canStay} onChange=${() =>
          setNew(!isNew)} /> As a new job; this one stays as it is</label>
        <div class="dialog-actions"><button type="button" class="button" onClick=${onClose}>Keep as it is</button>
          <button class="button primary" disabled=${isBusy ||
            problem !== ""}>${label}</button></div>
      </form>
      <//>
  `;
}

/** Why a text is no JSON; "" if it is. @param {string} text */
function problemOf(text) {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @param {{ job: any, onClose: () => void, onDone: () => Promise<void> }} props */
export function ChangePriority({ job, onClose, onDone }) {
  const [priority, setPriority] = useState(Number(job.priority));
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    return told(async () => {
      await request("POST", `/api/v1/jobs/${part(job.id)}/priority`, { body: { priority } });
      toast(`Its priority is ${priority}`);
      onClose();
      await onDone();
    });
  };
  return html`
    <${Dialog} title="Priority" onClose=${onClose}>
      <form onSubmit=${submit}>
        <label class="field">From −${HIGHEST} to ${HIGHEST}; higher runs first
          <input type="number" min=${-HIGHEST} max=${HIGHEST} step="1" required value=${priority}
            onInput=${(/** @type {any} */ event) =>
              setPriority(event.currentTarget.valueAsNumber)} /></label>
        <div
          class="dialog-actions"><button type="button" class="button" onClick=${onClose}>Keep as it is</button>
          <button class="button primary">Change</button></div>
      </form>
      <//>
  `;
}

/**
 * Gives a job another payload.
 *
 * @param {string} id
 * @param {{ payload: unknown, as_new: boolean }} body
 * @returns {Promise<any>} The answer; undefined if it was refused.
 */
function edit(id, body) {
  return told(async () => {
    const answer = await request("POST", `/api/v1/jobs/${part(id)}/edit`, { body });
    toast(
      {
        edited: "The payload was changed",
        retried: "It runs again with the new payload",
        enqueued: "Enqueued as a new job",
      }[
        /** @type {"edited" | "retried" | "enqueued"} */ (answer.outcome)
      ],
    );
    return answer;
  });
}
