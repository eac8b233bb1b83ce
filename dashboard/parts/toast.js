// @ts-check
/**
 * Short messages about what was done, or could not be.
 */

import { shared, useShared } from "../state.js";
import { html } from "../vendor/preact.js";

/** @typedef {{ id: number, tone: "good" | "bad", text: string }} Toast */

const toasts = shared(/** @type {readonly Toast[]} */ ([]));
let lastId = 0;
const SHOWN_MS = 6000;
const MOST = 4;

/** Shows a message for a while. @param {string} text @param {"good" | "bad"} [tone] */
export function toast(text, tone = "good") {
  const id = ++lastId;
  toasts.set([...toasts.get(), { id, tone, text }].slice(-MOST));
  setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Does something, and tells what went wrong. @param {() => Promise<unknown>} what */
export async function told(what) {
  try {
    return await what();
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), "bad");
    return undefined;
  }
}

/** @param {number} id */
function dismiss(id) {
  toasts.set(toasts.get().filter((one) => one.id !== id));
}

/** All messages. */
export function Toasts() {
  const shown = useShared(toasts);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${
    shown.map(({ id, tone, text }) =>
      html`
        <div class=${`toast toast-${tone}`} key=${id}>
          <span>${text}</span>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick=${() =>
            dismiss(id)}>×</button>
        </div>
      `
    )
  }
  </div>`;
}
