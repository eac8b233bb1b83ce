// @ts-check
/**
 * The page: who is there, what is shown, and what stands around it.
 */

import { setFailureListener } from "./api.js";
import { isHelpOpen, onKey } from "./keys.js";
import { away, connection, lookAround } from "./live.js";
import { Empty, Failure, Loading, Time } from "./parts/basics.js";
import { Questions } from "./parts/dialog.js";
import { Help } from "./parts/help.js";
import { Toasts, told } from "./parts/toast.js";
import { href, useRoute } from "./router.js";
import { findOut, logOut, setNobody } from "./session.js";
import { may, me, seesAll, useShared } from "./state.js";
import { html, render, useEffect, useErrorBoundary, useRef, useState } from "./vendor/preact.js";
import { Login } from "./views/login.js";

/**
 * The pages, with the keys that lead to them after `g`. Each is a module that is loaded when it is first shown.
 *
 * @type {Readonly<Record<string, { title: string, key: string, load: () => Promise<{ View: unknown }>, isForAdmins?: boolean }>>}
 */
const pages = {
  "": { title: "Overview", key: "o", load: () => import("./views/overview.js") },
  jobs: { title: "Jobs", key: "j", load: () => import("./views/jobs.js") },
  failed: { title: "Failed", key: "f", load: () => import("./views/failed.js") },
  queues: { title: "Queues", key: "q", load: () => import("./views/queues.js") },
  servers: { title: "Servers", key: "s", load: () => import("./views/servers.js") },
  schedules: { title: "Schedules", key: "c", load: () => import("./views/schedules.js") },
  dag: { title: "Graphs", key: "g", load: () => import("./views/dag.js") },
  limits: { title: "Limits", key: "l", load: () => import("./views/limits.js") },
  alerts: { title: "Alerts", key: "a", load: () => import("./views/alerts.js") },
  operations: { title: "Operations", key: "p", load: () => import("./views/operations.js") },
  audit: {
    title: "Audit",
    key: "u",
    load: () => import("./views/audit.js"),
    isForAdmins: true,
  },
};

/** The pages that there are for whoever is logged in. */
function ownPages() {
  return Object.entries(pages).filter(([, { isForAdmins }]) =>
    !isForAdmins || (may("admin") && seesAll())
  );
}

setFailureListener((status) => {
  if (status === 401) setNobody();
  if (status === 0 || status >= 500) void lookAround();
});

function App() {
  const who = useShared(me);
  const isAway = useShared(away) !== undefined;
  const [error, setError] = useState(/** @type {Error | undefined} */ (undefined));
  const ask = () => void findOut().then(() => setError(undefined), setError);
  useEffect(() => {
    if (me.get() === undefined) ask();
  }, [isAway]);
  return html`
    ${who
      ? html`<${Frame} key=${who.username} who=${who} />`
      : who === null
      ? html`<${Login} />`
      : error
      ? html`
        <main>
          <${Away} />
          <${Failure} error=${error} onRetry=${ask} />
        </main>
      `
      : html`<${Loading} />`}
    <${Questions} />
    <${Toasts} />
  `;
}

/** @param {{ who: import("./state.js").User }} props */
function Frame({ who }) {
  const { page, rest, query } = useRoute();
  const [isOpen, setOpen] = useState(false);
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  const menu = useRef(/** @type {HTMLElement | null} */ (null));
  const own = ownPages();
  const known = own.find(([name]) => name === page)?.[1];
  const [name] = rest;
  useEffect(() => {
    document.title = [name, known?.title, "GQM"].filter(Boolean).join(" · ");
  }, [name, known]);
  const path = [page, ...rest].join("/");
  const shown = useRef(path);
  useEffect(() => {
    setOpen(false);
    if (shown.current === path) return;
    shown.current = path;
    // Where the reading goes on, and what is read out; unless the page has chosen a field of its own.
    if (!document.activeElement?.matches("#main :is(input, select, textarea)")) {
      heading.current?.focus();
    }
  }, [path]);
  useEffect(() => {
    const letters = new Map(own.map(([name, { key }]) => [key, name]));
    const press = (/** @type {KeyboardEvent} */ event) => onKey(event, letters);
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [who]);
  /** @param {KeyboardEvent} event */
  const leave = (event) => {
    if (!isOpen || event.key !== "Escape") return;
    setOpen(false);
    menu.current?.focus();
  };
  /** @param {FocusEvent & { currentTarget: HTMLElement }} event */
  const left = ({ currentTarget, relatedTarget }) => {
    const isInside = relatedTarget === menu.current ||
      currentTarget.contains(/** @type {Node | null} */ (relatedTarget));
    if (relatedTarget !== null && !isInside) setOpen(false);
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <div class=${`frame ${isOpen ? "is-open" : ""}`} onKeyDown=${leave}>
      <header class="top">
        <button type="button" class="icon-button menu" aria-label="Menu" aria-controls="side"
          aria-expanded=${isOpen} ref=${menu} onClick=${() => setOpen(!isOpen)}>☰</button>
        <span class="top-title">GQM</span>
        <${Connection} />
      </header>
      <div class="shade" onClick=${() => setOpen(false)} />
      <nav id="side" class="side" aria-label="Pages" onFocusOut=${left}>
        <a class="brand" href=${href([""])}>GQM</a>
        <ul>${own.map(([name, { title }]) =>
          html`
            <li key=${name}><a href=${href([name])} aria-current=${name === page
              ? "page"
              : undefined}>${title}</a></li>
          `
        )}
        </ul>
        <div class="side-foot">
          <${Connection} />
          <button type="button" class="link" onClick=${() => isHelpOpen.set(true)}>Keys</button>
          <${ThemeButton} />
          <span class="faint">${who.username || "everyone"} · ${who.role}</span>
          ${who.username &&
            html`<button type="button" class="link" onClick=${() => told(logOut)}>Log out</button>`}
        </div>
      </nav>
      <main id="main" tabindex="-1">
        <${Away} />
        <h1 tabindex="-1" ref=${heading}>${!known
          ? "Not found"
          : name
          ? html`<a href=${href([page])}>${known.title}</a>${" "}
            <span class="faint" aria-hidden="true">/</span> ${name}`
          : known.title}</h1>
        ${known
          ? html`<${Page} key=${page} page=${known} rest=${rest} query=${query} />`
          : html`<${Empty} title=${
            Object.hasOwn(pages, page)
              ? "This page is for admins of all queues"
              : "There is no such page"
          } />`}
      </main>
    </div>
    <${Help} pages=${new Map(own.map(([, { key, title }]) => [key, title]))} />
  `;
}

/** @param {{ page: typeof pages[string], rest: readonly string[], query: Readonly<Record<string, string>> }} props */
function Page({ page, rest, query }) {
  const [View, setView] = useState(/** @type {any} */ (undefined));
  const [problem, setProblem] = useState(/** @type {Error | undefined} */ (undefined));
  const [error, reset] = useErrorBoundary((/** @type {unknown} */ problem) =>
    console.error(problem)
  );
  const isAway = useShared(away) !== undefined;
  useEffect(() => {
    if (View || isAway) return;
    let isShown = true;
    page.load().then(
      ({ View }) => isShown && setView(() => View),
      () => isShown && setProblem(new Error("The page could not be loaded")),
    );
    return () => void (isShown = false);
  }, [isAway]);
  if (error) return html`<${Failure} error=${error} onRetry=${reset} />`;
  if (View) return html`<${View} rest=${rest} query=${query} />`;
  return problem
    ? html`<${Failure} error=${problem} onRetry=${() => location.reload()} />`
    : html`<${Loading} />`;
}

/** What does not answer. */
function Away() {
  const now = useShared(away);
  if (now === undefined) return null;
  const { what, since } = now;
  return html`
    <div class="failure away">
      <span role="alert">The ${what} does not answer. What is shown is as it was.</span>
      <span>Lost <${Time} at=${since} />; it is tried again by itself.</span>
    </div>
  `;
}

const states = {
  off: ["", ""],
  live: ["good", "Live"],
  polling: ["warn", "Refreshing"],
  connecting: ["warn", "Connecting…"],
};

function Connection() {
  const now = useShared(connection);
  const what = useShared(away)?.what;
  const [tone, text] = what ? ["bad", `No ${what}`] : states[now];
  return html`<span class=${`connection ${tone}`} role="status">${text}</span>`;
}

function ThemeButton() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? "system");
  const next = theme === "system" ? "light" : theme === "light" ? "dark" : "system";
  const change = () => {
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      if (next === "system") localStorage.removeItem("gqm-theme");
      else localStorage.setItem("gqm-theme", next);
    } catch {
      // It holds for this page then.
    }
    setTheme(next);
  };
  return html`<button type="button" class="link" onClick=${change} title=${`Change to ${next}`}>Theme: ${theme}</button>`;
}

/** The hash is a page's name, so that the browser's own way to the content is not open. @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

// What is shown first is loaded while it is asked who is there; if that fails, it is said when it is shown.
pages[location.hash.split(/[/?]/)[1] ?? ""]?.load?.().catch(() => {});
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
