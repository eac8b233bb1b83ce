/**
 * Who works, in SQLite.
 *
 * @module
 */

import { pageOfServers, silenceMs } from "../server_list.ts";
import type { HeartbeatRequest, ServerRecord, ServersReply } from "../store.ts";
import type { Database } from "./database.ts";
import { dropIdleMarksOf } from "./start_marks.ts";
import type { Transaction } from "./transaction.ts";

/** Notes the heartbeat of a server that told what it is. */
const NOTE_BEAT = "UPDATE servers SET beaten_at = ?, lease_ms = ?, busy = ? WHERE server = ?";
const ADD_SERVER = `
INSERT INTO servers (server, about, started_at, beaten_at, lease_ms, busy)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (server) DO UPDATE SET about = excluded.about,
  beaten_at = excluded.beaten_at, lease_ms = excluded.lease_ms, busy = excluded.busy`;
const ALL_SERVERS = "SELECT server, about, started_at, beaten_at, lease_ms, busy FROM servers";
const FORGET_SILENT = `DELETE FROM servers WHERE ? - beaten_at >= max(3 * lease_ms, ${
  silenceMs(0)
})`;

interface ServerRow {
  readonly server: string;
  readonly about: string;
  readonly started_at: number;
  readonly beaten_at: number;
  readonly lease_ms: number;
  readonly busy: string;
}

/** Takes note of what a server says of itself; whether it must say more. */
export function noteServer(tx: Transaction, request: HeartbeatRequest): boolean {
  const { server, leaseMs, presence } = request;
  if (presence === undefined) return false;
  const busy = JSON.stringify(presence.busy);
  const lease = Math.ceil(leaseMs);
  if (presence.about === undefined) return tx.db.run(NOTE_BEAT, tx.now, lease, busy, server) === 0;
  const startedAt = tx.now - Math.floor(presence.upMs);
  tx.db.run(ADD_SERVER, server, JSON.stringify(presence.about), startedAt, tx.now, lease, busy);
  return false;
}

/** Forgets servers that have been silent for too long. */
export function forgetSilent(tx: Transaction): void {
  tx.db.run(FORGET_SILENT, tx.now);
}

/** See `ServerStage.leave`. */
export function leave(tx: Transaction, server: string): void {
  tx.db.run("DELETE FROM servers WHERE server = ?", server);
  dropIdleMarksOf(tx.db, server);
}

/** See `ServerStage.servers`. */
export function listServers(
  db: Database,
  page: { readonly limit: number; readonly cursor?: string },
  now: number,
): ServersReply {
  const servers = db.all<ServerRow>(ALL_SERVERS).map((row): ServerRecord => ({
    id: row.server,
    about: JSON.parse(row.about) as ServerRecord["about"],
    startedAt: row.started_at,
    lastHeartbeatAt: row.beaten_at,
    leaseMs: row.lease_ms,
    busy: JSON.parse(row.busy) as number[],
  }));
  return pageOfServers(servers, page, now);
}
