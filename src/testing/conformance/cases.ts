/**
 * All conformance cases, in the order of a job's way.
 *
 * @module
 */

import { attemptCases } from "./attempts.ts";
import { awaitFinalCases } from "./await_final.ts";
import type { ConformanceCase } from "./case.ts";
import { claimCases } from "./claim.ts";
import { duplicateCases } from "./duplicate.ts";
import { durableCases } from "./durable.ts";
import { enqueueCases } from "./enqueue.ts";
import { expireCases } from "./expire.ts";
import { fenceCases } from "./fence.ts";
import { fidelityCases } from "./fidelity.ts";
import { heartbeatCases } from "./heartbeat.ts";
import { historyCases } from "./history.ts";
import { inspectCases } from "./inspect.ts";
import { lifecycleCases } from "./lifecycle.ts";
import { listCases } from "./list.ts";
import { listMovingCases } from "./list_moving.ts";
import { orderCases } from "./order.ts";
import { poolWakeCases } from "./pool_wake.ts";
import { pruneCases } from "./prune.ts";
import { readyCases } from "./ready.ts";
import { reapCases } from "./reap.ts";
import { reportCases } from "./report.ts";
import { retainCases } from "./retain.ts";
import { settleCases } from "./settle.ts";
import { settleClaimCases } from "./settle_claim.ts";
import { sharedCases } from "./shared.ts";
import { sourceCases } from "./sources.ts";
import { wakeCases } from "./wake.ts";

/** Every promise of the store port, as a test that a store passes or declares a reason not to. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...lifecycleCases,
  ...enqueueCases,
  ...duplicateCases,
  ...readyCases,
  ...expireCases,
  ...wakeCases,
  ...poolWakeCases,
  ...orderCases,
  ...sourceCases,
  ...claimCases,
  ...heartbeatCases,
  ...reapCases,
  ...settleCases,
  ...settleClaimCases,
  ...attemptCases,
  ...fenceCases,
  ...reportCases,
  ...retainCases,
  ...pruneCases,
  ...inspectCases,
  ...listCases,
  ...listMovingCases,
  ...awaitFinalCases,
  ...fidelityCases,
  ...historyCases,
  ...durableCases,
  ...sharedCases,
];
