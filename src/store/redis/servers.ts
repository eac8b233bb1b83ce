/**
 * Who works, on Redis.
 *
 * @module
 */

import { pageOfServers } from "../server_list.ts";
import type { ServerRecord, ServersReply } from "../store.ts";
import { escapeName, unescapeName } from "./claim_text.ts";
import type { ScriptRunner } from "./script_runner.ts";

/** See `ServerStage.leave`. */
export async function leave(runner: ScriptRunner, server: string): Promise<void> {
  await runner.call("leave", [escapeName(server)]);
}

/** See `ServerStage.servers`. */
export async function listServers(
  runner: ScriptRunner,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<ServersReply> {
  const [now, ...fields] = await runner.call("servers", []) as string[];
  const servers: ServerRecord[] = [];
  for (let i = 0; i < fields.length; i += 4) {
    const [id, said, beaten, lease] = fields.slice(i, i + 4) as [string, string, string, string];
    const line = said.indexOf("\n");
    const [started, busy = ""] = said.slice(0, line).split("|");
    servers.push({
      id: unescapeName(id),
      about: JSON.parse(said.slice(line + 1)) as ServerRecord["about"],
      startedAt: Number(started),
      lastHeartbeatAt: Number(beaten),
      leaseMs: Number(lease),
      busy: busy === "" ? [] : busy.split(",").map(Number),
    });
  }
  return pageOfServers(servers, page, Number(now));
}
