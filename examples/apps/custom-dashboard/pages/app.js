// @ts-check
/** The page: queues with their counts, and the jobs that failed, both live. */

import { ApiError, ask, listen } from "./api.js";

/** @type {Map<string, any>} Queues by name. */
const queues = new Map();
/** @type {EventSource | undefined} */
let live;

/**
 * The element with an id.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`Cannot show the page as it must have an element '${id}'`);
  return element;
}

/** @param {string} text */
function say(text) {
  byId("message").textContent = text;
}

/**
 * An element with text: what jobs say is never read as markup.
 *
 * @param {string} tag @param {string | number} text @param {string} [className]
 */
function element(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: String(text), className });
}

/**
 * A button that does something, and says what went wrong if it could not be done.
 *
 * @param {string} text @param {() => Promise<unknown>} act
 */
function button(text, act) {
  const made = /** @type {HTMLButtonElement} */ (element("button", text));
  made.type = "button";
  made.addEventListener("click", () => void act().then(() => say(""), failed));
  return made;
}

/** @param {unknown} error */
function failed(error) {
  if (error instanceof ApiError && error.status === 401) return showLogin();
  say(error instanceof Error ? error.message : String(error));
}

function showQueues() {
  const rows = [...queues.values()].sort((a, b) => a.name < b.name ? -1 : 1).map((queue) => {
    const row = document.createElement("tr");
    const waiting = queue.ready + queue.scheduled + queue.retry + queue.deferred;
    row.append(element("td", queue.paused ? `${queue.name} (paused)` : queue.name));
    for (const count of [waiting, queue.processing, queue.completed, queue.dead_letter]) {
      row.append(element("td", count, "number"));
    }
    const change = queue.paused ? "resume" : "pause";
    const cell = document.createElement("td");
    cell.append(button(queue.paused ? "Resume" : "Pause", () => {
      const path = `api/v1/queues/${encodeURIComponent(queue.name)}/${change}`;
      return ask(path, { method: "POST" });
    }));
    row.append(cell);
    return row;
  });
  byId("queues").replaceChildren(...rows);
}

async function showFailed() {
  const { data } = await ask("api/v1/jobs?status=dead_letter&limit=20");
  const items = data.map((/** @type {any} */ job) => {
    const item = element("li", `${job.type} ${JSON.stringify(job.payload)}: ${job.error} `);
    const retry = () => ask(`api/v1/jobs/${encodeURIComponent(job.id)}/retry`, { method: "POST" });
    item.append(button("Retry", retry));
    return item;
  });
  byId("failed").replaceChildren(...items.length > 0 ? items : [element("li", "nothing")]);
}

function showLogin() {
  live?.close();
  byId("main").hidden = true;
  byId("login").hidden = false;
}

/** @param {string} username */
async function showMain(username) {
  byId("login").hidden = true;
  byId("main").hidden = false;
  byId("user").textContent = `Logged in as ${username}.`;
  await showFailed();
  live?.close();
  live = listen({
    counts({ full, queues: changed, gone }) {
      if (full) queues.clear();
      for (const queue of changed) queues.set(queue.name, queue);
      for (const name of gone) queues.delete(name);
      showQueues();
    },
    jobs({ jobs }) {
      const kinds = ["dead_letter", "revived", "removed"]; // come and go
      const isOfFailed = jobs.some((/** @type {any} */ { kind }) => kinds.includes(kind));
      if (isOfFailed) void showFailed().catch(failed);
    },
    gap: () => void showFailed().catch(failed), // something was missed
    store: ({ up }) => say(up ? "" : "The store is away."),
  });
  // A stream that is refused, as when the session has ended, does not come back by itself.
  live.addEventListener("error", () => {
    if (live?.readyState === EventSource.CLOSED) setTimeout(() => begin().catch(failed), 3000);
  });
}

async function begin() {
  const { user } = await ask("auth/session");
  if (user) await showMain(user.username);
  else showLogin();
}

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const body = Object.fromEntries(new FormData(form));
  ask("auth/login", { method: "POST", body }).then(() => {
    form.reset();
    say("");
    return begin();
  }).catch((error) => say(error.message));
});
byId("logout").addEventListener("click", () => {
  ask("auth/logout", { method: "POST" }).then(showLogin).catch(failed);
});

await begin().catch(failed);
