// @ts-check
/**
 * All that is paused: queues, types, and types in a queue.
 */

import { get, getAll, part, request } from "../api.js";
import { useData } from "../data.js";
import { href } from "../router.js";
import { may, seesAll } from "../state.js";
import { html, useState } from "../vendor/preact.js";
import { Card, Empty, Shown } from "./basics.js";
import { Act } from "./queue_actions.js";
import { Table } from "./table.js";
import { toast } from "./toast.js";

/** What is paused, and the way to go on. */
export function PausedCard() {
  const paused = useData((signal) => getAll("/api/v1/paused", {}, signal), [], {
    events: ["lines"],
  });
  const types = useData((signal) => get("/api/v1/types", {}, signal), [], { everyMs: 60_000 });
  const [type, setType] = useState("");
  /** @param {{ queue: string | null, type: string | null }} one @param {"pause" | "resume"} to */
  const turn = async (one, to) => {
    const inQueue = one.queue === null ? "" : `/queues/${part(one.queue)}`;
    await request(
      "POST",
      `/api/v1${inQueue}${one.type === null ? "" : `/types/${part(one.type)}`}/${to}`,
    );
    toast(to === "pause" ? `${pausedName(one)} is paused` : `${pausedName(one)} is resumed`);
    await paused.reload();
  };
  const form = seesAll() && may("operator") && html`
    <div class="bar">
      <input list="limit-types" placeholder="Type" aria-label="Type to pause in all queues"
        value=${type}
        onInput=${(/** @type {any} */ event) => setType(event.currentTarget.value)} />
      <datalist id="limit-types">${(types.value?.data ?? []).map((/** @type {any} */ one) =>
        html`<option key=${one.type} value=${one.type} />`
      )}</datalist>
      <${Act} isDisabled=${type === ""} onPress=${async () => {
        await turn({ queue: null, type }, "pause");
        setType("");
      }}>Pause in all queues<//></div>
  `;
  return html`
    <${Card} title="Paused" actions=${form}>
      <${Shown} data=${paused}>${(/** @type {any[]} */ all) =>
        all.length === 0
          ? html`<${Empty} title="Nothing is paused" />`
          : html`<${Table} label="Paused" rows=${all} keyOf=${(/** @type {any} */ one) =>
            JSON.stringify([one.queue, one.type])} columns=${[
            {
              title: "Queue",
              cell: (/** @type {any} */ { queue }) =>
                queue === null
                  ? html`<span class="faint">all queues</span>`
                  : html`<a href=${href(["queues", queue])}>${queue}</a>`,
            },
            {
              title: "Type",
              cell: (/** @type {any} */ { queue, type }) =>
                type === null
                  ? html`<span class="faint">all types</span>`
                  : html`<a href=${href(["jobs"], { queue, type })}>${type}</a>`,
            },
            ...may("operator")
              ? [{
                title: "Actions",
                kind: "narrow",
                cell: (/** @type {any} */ one) =>
                  (seesAll() || one.queue !== null) &&
                  html`<${Act} onPress=${() => turn(one, "resume")} label=${`Resume ${
                    pausedName(one)
                  }`}>Resume<//>`,
              }]
              : [],
          ]} />`}<//>
      <//>
  `;
}

/** @param {{ queue: string | null, type: string | null }} one */
function pausedName({ queue, type }) {
  if (type === null) return `Queue ${queue}`;
  return queue === null ? `${type} in all queues` : `${type} in ${queue}`;
}
