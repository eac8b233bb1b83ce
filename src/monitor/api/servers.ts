/**
 * Servers and workers: who lives. What runs in them is of any queue, so that they are for those
 * who see all.
 *
 * @module
 */

import { type Answer, data } from "../answer.ts";
import { needAllQueues } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { notFound } from "../errors.ts";
import { nameParam } from "../params.ts";
import type { Route } from "../route.ts";
import { enveloped, list } from "../schema.ts";
import { allServers } from "../servers.ts";
import { knownQueues } from "../queues.ts";
import {
  serverOnWire,
  serverSchema,
  type Worker,
  workerOnWire,
  workerSchema,
  workersOf,
} from "../wire/server.ts";

/** Servers and workers. */
export const serverRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/servers",
    access: "viewer",
    summary: "Servers and consumers that live, the one that started last first",
    description: "Needs access to all queues.",
    answer: { body: enveloped(list(serverSchema)) },
    handle: async (call): Promise<Answer> => data((await servers(call)).map(serverOnWire)),
  },
  {
    method: "GET",
    path: "/api/v1/servers/{id}",
    access: "viewer",
    summary: "One server",
    description: "Needs access to all queues.",
    params: { id: nameParam("Id of the server") },
    answer: { body: enveloped(serverSchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => {
      const found = (await servers(call)).find(({ id }) => id === call.params.id);
      if (found === undefined) throw notFound("server");
      return data(serverOnWire(found));
    },
  },
  {
    method: "GET",
    path: "/api/v1/workers",
    access: "viewer",
    summary: "Pools of the servers that live, and consumers",
    description: "Needs access to all queues.",
    answer: { body: enveloped(list(workerSchema)) },
    handle: async (call): Promise<Answer> => data(await show(call, await workers(call))),
  },
  {
    method: "GET",
    path: "/api/v1/workers/{id}",
    access: "viewer",
    summary: "One pool",
    description: "Needs access to all queues.",
    params: { id: nameParam("Id of the worker") },
    answer: { body: enveloped(workerSchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => {
      const found = (await workers(call)).filter(({ id }) => id === call.params.id);
      const [shown] = await show(call, found);
      if (shown === undefined) throw notFound("worker");
      return data(shown);
    },
  },
];

async function servers({ desk, who }: Call): Promise<Awaited<ReturnType<typeof allServers>>> {
  needAllQueues(who);
  return await allServers(await desk.store());
}

async function workers(call: Call): Promise<Worker[]> {
  return (await servers(call)).flatMap(workersOf);
}

async function show(call: Call, found: readonly Worker[]): Promise<object[]> {
  // The pages of GQM (Go) look for the queues of a pool by name, so "all" is told as their names.
  const queues = found.some(({ pool }) => !pool?.queues) ? await knownQueues(call) : [];
  return found.map((worker) => workerOnWire(worker, queues));
}
