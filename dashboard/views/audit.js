// @ts-check
/**
 * Who changed what, and who has logged in; for admins.
 */

import { part, request } from "../api.js";
import { useRows } from "../paged.js";
import { Card, Empty, Shown, Time } from "../parts/basics.js";
import { confirm } from "../parts/dialog.js";
import { JsonTree } from "../parts/json_tree.js";
import { More, Table } from "../parts/table.js";
import { Tabs } from "../parts/tabs.js";
import { toast, told } from "../parts/toast.js";
import { href, setQuery } from "../router.js";
import { may, seesAll } from "../state.js";
import { html, useId } from "../vendor/preact.js";

const tabs = { changes: "Changes", sessions: "Sessions" };
/** What can be asked for; others can be typed. */
const actions = (
  "alert.acknowledge auth.login auth.logout job.cancel job.delete job.edit job.enqueue " +
  "job.priority job.promote job.retry limit.remove limit.set operation.cancel operation.end " +
  "operation.start queue.clear_dead_letters queue.empty queue.pause queue.resume " +
  "queue.retry_dead_letters schedule.create schedule.delete schedule.disable schedule.enable " +
  "schedule.trigger schedule.update session.end type.pause type.resume"
).split(" ");

/** @param {{ query: Readonly<Record<string, string>> }} props */
export function View({ query }) {
  if (!may("admin") || !seesAll()) {
    return html`
      <${Card}>
        <${Empty} title="The audit log is for admins" />
        <//>
    `;
  }
  const isSessions = query.tab === "sessions";
  const choice = html`
    <${Tabs} label="What to show" of=${tabs} chosen=${isSessions ? "sessions" : "changes"}
      onChoose=${(/** @type {string} */ name) =>
        setQuery({ tab: name === "sessions" ? name : undefined })} />
  `;
  return html`<${Card} title=${
    isSessions ? "Sessions" : "Changes made through the monitor"
  } actions=${choice}>
    ${isSessions ? html`<${Sessions} />` : html`<${Changes} query=${query} />`}<//>`;
}

/** @param {{ query: Readonly<Record<string, string>> }} props */
function Changes({ query: { action, who } }) {
  const list = useRows("/api/v1/audit", { action, who }, numberOf);
  const id = useId();
  /** @param {string} name */
  const set = (name) => (/** @type {any} */ event) =>
    setQuery({ [name]: event.currentTarget.value.trim() });
  const isNarrow = action || who;
  return html`
    <div class="bar filters">
      <label
        class="field">Action <input type="search" list=${id} value=${action ??
          ""} placeholder="such as job.retry" onChange=${set("action")} /></label>
      <datalist id=${id}>${actions.map((name) =>
        html`<option key=${name} value=${name} />`
      )}</datalist>
      <label
        class="field">Who <input type="search" value=${who ??
          ""} placeholder="a user, or apikey:name" onChange=${set("who")} /></label>
    </div>
    <${Shown} data=${list} lines=${8}>${(/** @type {any} */ { rows, hasMore }) =>
      html`
        ${rows.length === 0
          ? html`<${Empty} title=${
            hasMore
              ? "None among the newest entries"
              : isNarrow
              ? "No such change"
              : "Nothing has been changed yet"
          }>
          ${
            isNarrow &&
            html`<button type="button" class="link" onClick=${() =>
              setQuery({ action: undefined, who: undefined })}>Show all</button>`
          }<//>`
          : html`<${Table} label="Changes" rows=${rows} columns=${changeColumns} keyOf=${numberOf} />`}
        <${More} hasMore=${hasMore} isBusy=${list.isBusy} onMore=${list.more} />
      `}<//>
  `;
}

/** @param {any} entry */
function numberOf({ number }) {
  return String(number);
}

/** @type {import("../parts/table.js").Column<any>[]} */
const changeColumns = [
  { title: "When", cell: ({ at_ms }) => html`<${Time} at=${at_ms} />` },
  {
    title: "Change",
    kind: "called",
    cell: ({ action, who, by }) =>
      html`<a href=${
        href(["audit"], { action })
      } title="Only these">${action}</a> <span class="faint">by ${
        who === ""
          ? by === "nothing" ? "everyone" : by
          : html`<a href=${href(["audit"], { who })} title="Only theirs">${who}</a>`
      }</span>`,
  },
  {
    title: "With what",
    cell: ({ target, action, detail }) =>
      html`<${Target} target=${target} action=${action} />${
        detail && Object.keys(detail).length > 0 && html`<${Detail} detail=${detail} />`
      }`,
  },
  {
    title: "Answer",
    cell: ({ status }) => html`<span class=${status >= 400 ? "audit-bad" : ""}>${status}</span>`,
    kind: "number",
    isMinor: true,
  },
  { title: "From", cell: ({ from }) => from ?? "–", isMinor: true },
];

/** The pages of what changes are made to, by the first word of their action. @type {Readonly<Record<string, string>>} */
const pages = { job: "jobs", operation: "operations", queue: "queues", schedule: "schedules" };

/** @param {{ target: Readonly<Record<string, string>>, action: string }} props */
function Target({ target, action }) {
  const page = pages[action.split(".")[0] ?? ""];
  return Object.entries(target).map(([name, value]) =>
    html`<span class="audit-target" key=${name}><span class="faint">${name}</span>${" "}
      ${
      page
        ? html`<a href=${href([page, value])}><code>${value}</code></a>`
        : html`<code>${value}</code>`
    }</span>`
  );
}

/** @param {{ detail: Readonly<Record<string, unknown>> }} props */
function Detail({ detail }) {
  return html`
    <details class="audit-detail">
      <summary>Details</summary>
      <${JsonTree} value=${detail} />
    </details>
  `;
}

/** The API has them by their ids. @param {any} a @param {any} b */
function newestFirst(a, b) {
  return b.started_at_ms - a.started_at_ms;
}

function Sessions() {
  const list = useRows("/api/v1/sessions", {}, ({ id }) => id);
  /** @param {any} session */
  const end = async ({ id, username, current }) => {
    const isYes = await confirm({
      title: current ? "End your own session?" : `End a session of ${username}?`,
      text: html`<p>${current ? "You" : username} must log in again ${
        current ? "here" : "in that browser"
      }. Other sessions of ${current ? "yours" : "theirs"} go on.</p>`,
      action: "End 1 session",
      isDestructive: true,
    });
    if (!isYes) return;
    await told(async () => {
      await request("DELETE", `/api/v1/sessions/${part(id)}`);
      toast("The session has ended");
    });
    await list.reload();
  };
  /** @type {import("../parts/table.js").Column<any>[]} */
  const columns = [
    {
      title: "User",
      cell: ({ username, current }) =>
        html`${username} ${current && html`<span class="status status-ready">this one</span>`}`,
    },
    { title: "Began", cell: ({ started_at_ms }) => html`<${Time} at=${started_at_ms} />` },
    { title: "Ends", cell: ({ ends_at_ms }) => html`<${Time} at=${ends_at_ms} />` },
    { title: "From", cell: ({ from }) => from ?? "–", isMinor: true },
    {
      title: "",
      cell: (session) =>
        html`<button type="button" class="button small" aria-label=${`End the session of ${session.username}`} onClick=${() =>
          end(session)}>End</button>`,
      kind: "narrow",
    },
  ];
  return html`<${Shown} data=${list}>${(/** @type {any} */ { rows, hasMore }) =>
    rows.length === 0
      ? html`
        <${Empty} title="Nobody is logged in">
          <p>Keys of programs have no sessions.</p>
          <//>
      `
      : html`
        <${Table} label="Sessions" rows=${rows.toSorted(newestFirst)} columns=${columns} keyOf=${(
          /** @type {any} */ session,
        ) => session.id} />
        <${More} hasMore=${hasMore} isBusy=${list.isBusy} onMore=${list.more} />
      `}<//>`;
}
