/** Which moves a step may make. */

import type { JobRecord } from "../../src/job/job.ts";
import { canMove, statuses, type Transition } from "../../src/job/state.ts";
import { hold } from "./broken.ts";
import type { Step } from "./steps.ts";

type Place = JobRecord["status"] | "new" | "gone";
type Move = readonly [from: Place, to: Place];

const places: readonly Place[] = ["new", ...statuses, "gone"];
const finals: readonly Place[] = ["completed", "dead_letter", "canceled", "stopped", "failed"];

/** What the end of a job may mean for others, and for those that end with it. */
const ends: readonly Move[] = [
  ["deferred", "ready"],
  ["deferred", "scheduled"],
  ["deferred", "canceled"],
  ...finals.map((from): Move => [from, "gone"]),
];
const expires: readonly Move[] = [["ready", "canceled"], ["scheduled", "canceled"], ...ends];
const promotes: readonly Move[] = [["scheduled", "ready"], ["retry", "ready"]];
const claims: readonly Move[] = [
  ["ready", "processing"],
  ["ready", "canceled"],
  ...promotes,
  ...ends,
];
const settles: readonly Move[] =
  (["completed", "retry", "dead_letter", "canceled", "ready"] as const)
    .map((to): Move => ["processing", to]);
const brings: readonly Move[] = finals.flatMap((from): Move[] => [[from, "ready"], [
  from,
  "deferred",
]]);
const removes: readonly Move[] = places.filter((from) => from !== "processing")
  .map((from): Move => [from, "gone"]);
const all: readonly Move[] = places.flatMap((from) => places.map((to): Move => [from, to]));

/** The moves that a step may make, as far as the table of all moves has them. */
function movesOf(step: Step): readonly Move[] {
  switch (step.do) {
    case "enqueue":
      return [
        ...statuses.map((to): Move => ["new", to]),
        ["ready", "scheduled"],
        ["scheduled", "ready"],
        ...finals.map((from): Move => [from, "gone"]),
        ["gone", "new"],
      ];
    case "schedule":
      return [
        ["new", "ready"],
        ["new", "deferred"],
        ["gone", "new"],
        ...statuses.map((from): Move => [from, "stopped"]),
        ...ends,
      ];
    case "claim":
      return claims;
    case "settle":
      return step.claim === undefined ? [...settles, ...ends] : [...settles, ...claims, ...ends];
    case "reap":
      return [["processing", "ready"], ["processing", "dead_letter"], ...ends];
    case "expire":
      return expires;
    case "promote":
      return promotes;
    case "prune":
    case "jump":
      return ends.slice(3);
    case "relay":
    case "report":
    case "heartbeat":
    case "pause":
    case "limit":
    case "leave":
    case "crash":
      return [];
    case "drain":
      return all;
    case "act":
      switch (step.action.kind) {
        case "cancel":
          return [...places.map((from): Move => [from, "canceled"]), ...ends];
        case "retry":
          return [...brings, ["deferred", "ready"], ["deferred", "canceled"]];
        case "remove":
          return [...removes, ...ends];
        case "promote":
          return promotes;
        case "prioritize":
        case "edit":
          return [];
      }
  }
}

/** Checks that each job went only where the table and the step let it go, one move or several. */
export function checkMoves(
  step: Step,
  before: ReadonlyMap<string, JobRecord>,
  after: ReadonlyMap<string, JobRecord>,
): void {
  const moves = movesOf(step).filter(([from, to]) =>
    (from === "gone" && to === "new") ||
    canMove(from as Transition["from"], to as Transition["to"])
  );
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const from = before.get(id)?.status ?? "new";
    const to = after.get(id)?.status ?? "gone";
    if (from === to || (from === "new" && to === "gone")) continue;
    hold(leads(moves, from, to), `Job '${id}' must not go from '${from}' by ${step.do}`, to);
  }
}

function leads(moves: readonly Move[], from: Place, to: Place): boolean {
  const reached = new Set<Place>([from]);
  for (const place of reached) {
    for (const move of moves) if (move[0] === place) reached.add(move[1]);
  }
  return reached.has(to);
}
