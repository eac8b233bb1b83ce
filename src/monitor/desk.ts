/**
 * What the routes answer from: the store, what the library makes of it, and the options.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Control } from "../control/control.ts";
import type { LimitControl } from "../control/limits.ts";
import type { JobWriter } from "../enqueue/writer.ts";
import type { Insight } from "../insight/insight.ts";
import type { Logger } from "../logger.ts";
import type { Schedules } from "../schedule/schedules.ts";
import type { Store } from "../store/store.ts";
import type { AlertWatch } from "./alerts/watch.ts";
import type { Authenticator } from "./auth/auth.ts";
import type { LiveHub } from "./live/hub.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { OperationRunner } from "./operations/runner.ts";
import type { Redactor } from "./redact.ts";

/** What the routes answer from. */
export interface Desk {
  /** The store, open. */
  store(): Promise<Store>;
  /** Writes new jobs. */
  readonly writer: JobWriter;
  /** Interventions. */
  readonly control: Control;
  /** How many jobs run at once, and how fast they start. */
  readonly limits: LimitControl;
  /** Numbers. */
  readonly insight: Insight;
  /** Metrics; undefined where there is no route to them. */
  readonly metrics: Metrics | undefined;
  /** Schedules. */
  readonly schedules: Schedules;
  /** Carries out operations. */
  readonly operations: OperationRunner;
  /** Who asks. */
  readonly auth: Authenticator;
  /** Those who look on. */
  readonly live: LiveHub;
  /** What of payloads is shown to whom. */
  readonly redactor: Redactor;
  /** Time. */
  readonly clock: Clock;
  /** `mono` of when the monitor was made. */
  readonly startedAt: number;
  /** Where log lines go. */
  readonly logger: Logger;
  /** What judges alerts; undefined where there are none. */
  readonly alerts: AlertWatch | undefined;
  /** Whether `/health` answers 503 when the store is away. */
  readonly strictHealth: boolean;
}
