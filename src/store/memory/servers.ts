/**
 * Who works, in the memory store.
 *
 * @module
 */

import { pageOfServers, silenceMs } from "../server_list.ts";
import type { HeartbeatRequest, ServersReply } from "../store.ts";
import type { MemoryState } from "./state.ts";

/** Takes note of what a server says of itself; whether it must say more. */
export function noteServer(
  { servers, clock }: MemoryState,
  { server: id, leaseMs, presence }: HeartbeatRequest,
): boolean {
  if (presence === undefined) return false;
  const known = servers.get(id);
  const about = presence.about ?? known?.about;
  if (about === undefined) return true;
  const now = clock.now();
  const startedAt = known?.startedAt ?? now - Math.floor(presence.upMs);
  servers.set(id, { id, about, startedAt, lastHeartbeatAt: now, leaseMs, busy: presence.busy });
  return false;
}

/** Forgets servers that have been silent for too long. */
export function forgetSilent({ servers, clock }: MemoryState): void {
  const now = clock.now();
  for (const [id, { lastHeartbeatAt, leaseMs }] of servers) {
    if (now - lastHeartbeatAt >= silenceMs(leaseMs)) servers.delete(id);
  }
}

/** See `ServerStage.leave`. */
export function leave({ servers, startMarks, processing }: MemoryState, server: string): void {
  servers.delete(server);
  const holds = [...processing].some(({ holder }) => holder?.server === server);
  if (!holds) startMarks.forget(server);
}

/** See `ServerStage.servers`. */
export function listServers(
  { servers, clock }: MemoryState,
  page: { readonly limit: number; readonly cursor?: string },
): ServersReply {
  return pageOfServers([...servers.values()], page, clock.now());
}
