// @ts-check
/**
 * Where people say who they are.
 */

import { request } from "../api.js";
import { findOut, hasEnded } from "../session.js";
import { useShared } from "../state.js";
import { html, useState } from "../vendor/preact.js";

export function Login() {
  const isOver = useShared(hasEnded);
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    setBusy(true);
    setError("");
    try {
      await request("POST", "/auth/login", {
        body: { username: fields.get("username"), password: fields.get("password") },
      });
      await findOut();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
      setBusy(false);
    }
  };
  return html`
    <main class="login">
      <form class="card" onSubmit=${submit}>
          <h1>GQM</h1>
          ${isOver && html`
            <p role="status">The session has ended. Log in to go on where you were.</p>
          `}
          <label>User name <input name="username" autocomplete="username" required autofocus /></label>
          <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
          ${error && html`<p class="failure" role="alert">${error}</p>`}
          <button class="button primary" disabled=${isBusy}>${isBusy
            ? "Logging in…"
            : "Log in"}</button>
        </form>
    </main>
  `;
}
