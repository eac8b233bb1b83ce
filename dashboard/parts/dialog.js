// @ts-check
/**
 * Questions before something is done, in the browser's own dialog: it keeps the focus inside, ends by Escape, and
 * gives the focus back.
 */

import { shared, useShared } from "../state.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {unknown} text What will be done, with how many.
 * @property {string} action What the button says, such as "Delete 12 jobs".
 * @property {boolean} [isDestructive]
 * @property {string} [typed] What must be typed first.
 */

/** @typedef {Question & { answer: (isYes: boolean) => void }} Asked */

const asked = shared(/** @type {Asked | undefined} */ (undefined));

/**
 * Asks whether to do something; resolves to the answer.
 *
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirm(question) {
  asked.get()?.answer(false);
  return new Promise((resolve) => {
    asked.set({
      ...question,
      answer: (isYes) => {
        asked.set(undefined);
        resolve(isYes);
      },
    });
  });
}

/** Where questions are asked: once on the page. */
export function Questions() {
  const question = useShared(asked);
  if (question === undefined) return null;
  const { title, text, action, isDestructive, typed, answer } = question;
  return html`
    <${Dialog} key=${title} title=${title} onClose=${() => answer(false)}>
      <${Confirmation} text=${text} action=${action} isDestructive=${isDestructive} typed=${typed}
        answer=${answer} />
      <//>
  `;
}

/** @param {Omit<Asked, "title">} props */
function Confirmation({ text, action, isDestructive, typed, answer }) {
  const [entered, setEntered] = useState("");
  return html`
    <div class="dialog-text">${text}</div>
    ${typed && html`<label class="field">Type <code>${typed}</code> to go on
      <input value=${entered} onInput=${(/** @type {any} */ event) =>
      setEntered(event.currentTarget.value)} /></label>`}
    <div class="dialog-actions">
      <button type="button" class="button" onClick=${() => answer(false)}>Keep as it is</button>
      <button type="button" class=${`button ${
        isDestructive ? "danger" : "primary"
      }`} disabled=${typed !== undefined && entered !== typed}
        onClick=${() => answer(true)}>${action}</button>
    </div>
  `;
}

/**
 * A dialog, open for as long as it is drawn.
 *
 * @param {{ title: string, onClose: () => void, children?: unknown, isWide?: boolean }} props
 */
export function Dialog({ title, onClose, children, isWide = false }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const dialog = /** @type {HTMLDialogElement} */ (element.current);
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog.querySelector("form input, form textarea"))?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  /** @param {Event} event */
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${element} class=${
    isWide ? "wide" : ""
  } aria-label=${title} onCancel=${cancel}>
    <header class="card-head"><h2>${title}</h2>
      <button type="button" class="icon-button" aria-label="Close" onClick=${onClose}>×</button></header>
    ${children}
  </dialog>`;
}
