/**
 * What is known of alerts, as plain data.
 *
 * @module
 */

import type { AlertKind } from "./rules.ts";
import type { AlertChange } from "./webhook_options.ts";

/** That somebody has seen an alert. */
export interface Acknowledged {
  /** Name of the user or key. */
  readonly by: string;
  /** Epoch milliseconds: when. */
  readonly at: number;
  /** Epoch milliseconds: until when it holds; null for as long as the alert fires. */
  readonly until: number | null;
}

/** What an alert is about. */
export interface AlertSubject {
  /** The rule's name, and a colon and the queue or server that it is about, if there is one. */
  readonly id: string;
  /** Name of the rule. */
  readonly rule: string;
  /** Its kind. */
  readonly when: AlertKind;
  /** The queue; null if it is about none, or all. */
  readonly queue: string | null;
  /** The type; null if it is about all. */
  readonly type: string | null;
  /** Id of the server; null if it is about none. */
  readonly server: string | null;
}

/** An alert, as it is kept. Times are epoch milliseconds. */
export interface Alert extends AlertSubject {
  /** Not yet for long enough, wrong now, or well again. */
  readonly status: "pending" | "firing" | "resolved";
  /** Since when it is wrong. */
  readonly overAt: number;
  /** When it fired; null if it has not. */
  readonly firedAt: number | null;
  /** Since when all is well, of one that still fires. */
  readonly calmAt: number | null;
  /** When it was resolved. */
  readonly resolvedAt: number | null;
  /** What was measured last while it was wrong: milliseconds or a share; null if nothing can be. */
  readonly value: number | null;
  /** What the value must not be above. */
  readonly threshold: number;
  /** For people. */
  readonly summary: string;
  /** Null if nobody has. */
  readonly acknowledged: Acknowledged | null;
}

/** An alert that fires or is resolved, to be told. */
export interface Change {
  /** The alert's id. */
  readonly id: string;
  /** What. */
  readonly change: AlertChange;
  /** Epoch milliseconds. With the other two it is the change's own. */
  readonly at: number;
}

/** A change with the alert that it is of. */
export interface Told {
  readonly change: Change;
  readonly alert: Alert;
}

/** What one look makes of one rule for one queue or server. */
export interface Reading extends AlertSubject {
  /** Whether it is wrong. */
  readonly isOver: boolean;
  readonly value: number | null;
  readonly threshold: number;
  readonly summary: string;
  /** For how long it must be wrong before the alert fires. */
  readonly holdMs: number;
  /** For how long all must be well before it is resolved, if not as the rule says. */
  readonly resolveMs?: number;
}

/** What a change is known by in the history. */
export function changeKey({ at, change, id }: Change): string {
  return `${at} ${change} ${id}`;
}

/** Puts changes and the alerts that they are of together. */
export function toldOf(changes: readonly Change[], alerts: readonly Alert[]): Told[] {
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  return changes.flatMap((change): Told[] => {
    const alert = byId.get(change.id);
    return alert === undefined ? [] : [{ change, alert }];
  });
}
