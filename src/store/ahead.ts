/**
 * What a claim comes to where there are limits, which all stores share.
 *
 * @module
 */

import type { ClaimRequest } from "./claim_stage.ts";

/**
 * The same claim without what it wants ahead; the shares shrink with it. With
 * limits, jobs that lie with a pool would keep slots from those that could run.
 */
export function withoutAhead(request: ClaimRequest): ClaimRequest {
  const { ahead = 0, limit: asked, sources } = request;
  if (ahead === 0) return request;
  const limit = asked - ahead;
  const ratio = limit / asked;
  const shares = sources.map((one) => ({ ...one, share: Math.round(one.share * ratio) }));
  return { ...request, limit, sources: shares };
}
