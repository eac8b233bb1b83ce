/** The cases of claims ahead, for stores that do not know them yet. */

import { aheadDurableCases, claimAheadCases } from "../../src/testing/conformance/claim_ahead.ts";
import { reapAheadCases } from "../../src/testing/conformance/reap_ahead.ts";

/** To be skipped. */
export const aheadNotYet = {
  reason: "claims ahead are not there yet",
  cases: [...claimAheadCases, ...reapAheadCases, ...aheadDurableCases]
    .map(({ stage, name }) => `${stage}: ${name}`),
};
