/**
 * All conformance cases, in the order of a job's way.
 *
 * @module
 */

import { attemptCases } from "./attempts.ts";
import { awaitFinalCases } from "./await_final.ts";
import type { ConformanceCase } from "./case.ts";
import { claimCases } from "./claim.ts";
import { aheadDurableCases, claimAheadCases } from "./claim_ahead.ts";
import { controlBeforeCases } from "./control_before.ts";
import { controlCases } from "./control.ts";
import { controlCancelCases } from "./control_cancel.ts";
import { controlEditCases } from "./control_edit.ts";
import { controlRetryCases } from "./control_retry.ts";
import { controlSharedCases, controlWatchCases } from "./control_watch.ts";
import { deskHitCases } from "./desk_hits.ts";
import { deskMemoCases } from "./desk_memos.ts";
import { deskDurableCases, deskSharedCases } from "./desk_shared.ts";
import { deskTrailCases } from "./desk_trail.ts";
import { doctorCases } from "./doctor.ts";
import { duplicateCases } from "./duplicate.ts";
import { durableCases } from "./durable.ts";
import { enqueueCases } from "./enqueue.ts";
import { enqueueHolderCases } from "./enqueue_holder.ts";
import { errorCases } from "./errors.ts";
import { eventCases, eventSharedCases } from "./events.ts";
import { eventMoveCases } from "./events_moves.ts";
import { expireCases } from "./expire.ts";
import { fenceCases } from "./fence.ts";
import { fidelityCases } from "./fidelity.ts";
import { graphCases } from "./graph.ts";
import { graphCascadeCases } from "./graph_cascade.ts";
import { graphCornerCases } from "./graph_corners.ts";
import { graphDueCases } from "./graph_due.ts";
import { graphFanCases } from "./graph_fan.ts";
import { graphHistoryCases } from "./graph_history.ts";
import { graphPolicyCases } from "./graph_policy.ts";
import { graphRetryCases } from "./graph_retry.ts";
import { graphDurableCases, graphSharedCases } from "./graph_shared.ts";
import { heartbeatCases } from "./heartbeat.ts";
import { historyCases } from "./history.ts";
import { infoCases } from "./info.ts";
import { insightCases } from "./insight.ts";
import { insightHourCases, insightHourDurableCases } from "./insight_hours.ts";
import { insightDurableCases, insightSharedCases, insightTimeCases } from "./insight_times.ts";
import { inspectCases } from "./inspect.ts";
import { lifecycleCases } from "./lifecycle.ts";
import { limitDurableCases, limitRateCases, limitSharedCases } from "./limit_rates.ts";
import { limitCases } from "./limits.ts";
import { listCases } from "./list.ts";
import { listTimeCases } from "./list_time.ts";
import { listMovingCases } from "./list_moving.ts";
import { oldestCases } from "./oldest.ts";
import { orderCases } from "./order.ts";
import { pageCases } from "./page.ts";
import { parentsCases } from "./parents.ts";
import { pauseCases, pauseDurableCases, pauseSharedCases } from "./pause.ts";
import { poolWakeCases } from "./pool_wake.ts";
import { pruneCases } from "./prune.ts";
import { readyCases } from "./ready.ts";
import { reapCases } from "./reap.ts";
import { reapAheadCases } from "./reap_ahead.ts";
import { reportCases } from "./report.ts";
import { retainCases } from "./retain.ts";
import { scheduleDueCases, scheduleDueSharedCases } from "./schedule_due.ts";
import { scheduleOverlapCases } from "./schedule_overlap.ts";
import { scheduleCases, scheduleDurableCases, scheduleSharedCases } from "./schedules.ts";
import { serverCases, serverSharedCases } from "./servers.ts";
import { retainCountedCases } from "./retain_counted.ts";
import { settleCases } from "./settle.ts";
import { settleClaimCases } from "./settle_claim.ts";
import { sharedCases } from "./shared.ts";
import { sourceCases } from "./sources.ts";
import { uniqueCases } from "./unique.ts";
import { uniqueGroupCases, uniqueSharedCases } from "./unique_group.ts";
import { uniqueMergeCases } from "./unique_merge.ts";
import { wakeCases } from "./wake.ts";

/** Every promise of the store port, as a test that a store passes or declares a reason not to. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...lifecycleCases,
  ...enqueueCases,
  ...duplicateCases,
  ...enqueueHolderCases,
  ...readyCases,
  ...expireCases,
  ...wakeCases,
  ...poolWakeCases,
  ...orderCases,
  ...sourceCases,
  ...claimCases,
  ...heartbeatCases,
  ...serverCases,
  ...reapCases,
  ...claimAheadCases,
  ...reapAheadCases,
  ...settleCases,
  ...settleClaimCases,
  ...attemptCases,
  ...fenceCases,
  ...reportCases,
  ...uniqueCases,
  ...uniqueGroupCases,
  ...uniqueMergeCases,
  ...graphCases,
  ...graphPolicyCases,
  ...graphCascadeCases,
  ...graphCornerCases,
  ...graphDueCases,
  ...graphFanCases,
  ...graphRetryCases,
  ...controlCases,
  ...controlBeforeCases,
  ...controlCancelCases,
  ...controlRetryCases,
  ...controlEditCases,
  ...pauseCases,
  ...limitCases,
  ...limitRateCases,
  ...controlWatchCases,
  ...scheduleCases,
  ...scheduleOverlapCases,
  ...scheduleDueCases,
  ...retainCases,
  ...retainCountedCases,
  ...pruneCases,
  ...infoCases,
  ...inspectCases,
  ...listCases,
  ...listMovingCases,
  ...listTimeCases,
  ...pageCases,
  ...oldestCases,
  ...parentsCases,
  ...insightCases,
  ...insightTimeCases,
  ...insightHourCases,
  ...insightHourDurableCases,
  ...errorCases,
  ...awaitFinalCases,
  ...eventCases,
  ...eventMoveCases,
  ...deskMemoCases,
  ...deskHitCases,
  ...deskTrailCases,
  ...doctorCases,
  ...fidelityCases,
  ...historyCases,
  ...graphHistoryCases,
  ...durableCases,
  ...aheadDurableCases,
  ...insightDurableCases,
  ...deskDurableCases,
  ...graphDurableCases,
  ...pauseDurableCases,
  ...limitDurableCases,
  ...sharedCases,
  ...serverSharedCases,
  ...insightSharedCases,
  ...deskSharedCases,
  ...eventSharedCases,
  ...graphSharedCases,
  ...pauseSharedCases,
  ...limitSharedCases,
  ...uniqueSharedCases,
  ...controlSharedCases,
  ...scheduleDurableCases,
  ...scheduleSharedCases,
  ...scheduleDueSharedCases,
];
