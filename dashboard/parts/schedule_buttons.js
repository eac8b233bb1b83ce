// @ts-check
/**
 * What can be done with a schedule.
 */

import { part, request } from "../api.js";
import { href } from "../router.js";
import { may } from "../state.js";
import { html, useState } from "../vendor/preact.js";
import { confirm } from "./dialog.js";
import { toast, told } from "./toast.js";

/**
 * @param {{ schedule: any, onChange: () => Promise<void>, onRemoved?: () => void }} props
 * `onRemoved`: it can be changed and removed here, and this comes after the latter.
 */
export function ScheduleButtons({ schedule, onChange, onRemoved }) {
  const { id, type, queue, enabled, source } = schedule;
  const isOurs = source === "runtime";
  const [isBusy, setBusy] = useState(false);
  /**
   * @param {import("./dialog.js").Question | undefined} question @param {() => Promise<string>} what Says what was done.
   * @param {() => unknown} [after]
   */
  const act = async (question, what, after = onChange) => {
    if (question && !await confirm(question)) return;
    setBusy(true);
    if (await told(async () => (toast(await what()), true))) await after();
    setBusy(false);
  };
  const path = `/api/v1/cron/${part(id)}`;
  const trigger = () =>
    act({
      title: "Run it now",
      text: `One job of type ${type} is enqueued in ${queue}, whatever the clock says.`,
      action: "Enqueue 1 job",
    }, async () => `Job ${(await request("POST", `${path}/trigger`)).job_id} was enqueued`);
  const toggle = () =>
    act(
      enabled
        ? {
          title: `Pause ${id}`,
          text: "It does not fire until somebody resumes it. Jobs that it has enqueued stay.",
          action: "Pause 1 schedule",
        }
        : undefined,
      async () => {
        await request("POST", `${path}/${enabled ? "disable" : "enable"}`);
        return `${id} was ${enabled ? "paused" : "resumed"}`;
      },
    );
  const remove = () =>
    act(
      {
        title: `Delete ${id}`,
        text: `The schedule and its history are removed. ${
          isOurs
            ? "Jobs that it has enqueued stay."
            : "A program defines it: it comes back at the next start of the program."
        }`,
        action: "Delete 1 schedule",
        isDestructive: true,
      },
      async () => {
        await request("DELETE", `/api/v1/schedules/${part(id)}`);
        return `${id} was deleted`;
      },
      onRemoved,
    );
  /** @param {string} title @param {() => void} onClick @param {string} [kind] */
  const button = (title, onClick, kind = "") =>
    html`
      <button type="button" class=${`button small ${kind}`} disabled=${isBusy}
        aria-label=${`${title}: ${id}`} onClick=${onClick}>${title}</button>
    `;
  return html`<div class="bar">
    ${may("operator") && button("Run now", trigger)}
    ${
    may("admin") && html`
      ${button(enabled ? "Pause" : "Resume", toggle)}
      ${onRemoved && html`
        ${isOurs &&
          html`<a class="button small" href=${href(["schedules", id], { edit: 1 })}>Edit</a>`}
        ${button("Delete", remove, "risky")}
      `}
    `
  }
  </div>`;
}
