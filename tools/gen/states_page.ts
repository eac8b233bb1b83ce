/** Makes docs/states.md: the statuses of a job and the moves between them. */

import {
  finalStatuses,
  type JobStatus,
  statuses,
  type Transition,
  transitions,
} from "../../src/job/state.ts";

const INTRO = `
# The states of a job

<!-- Made from src/job/state.ts by deno task gen: change it there. -->

A job is in exactly one status from the moment it is accepted until retention removes it. The
table below lists every legal move; whatever is not in it must not happen, in any store.
`;

/** The whole page, as Markdown. */
export function statesPage(): string {
  return [INTRO, diagram(), statusTable(), moveTable()].join("\n");
}

/** A state diagram; several reasons for one move share an arrow. */
function diagram(): string {
  const arrows = Map.groupBy(transitions, ({ from, to }) => `${node(from)} --> ${node(to)}`);
  const lines = [...arrows].map(([arrow, moves]) => `  ${arrow}: ${label(moves)}`);
  return ["```mermaid", "stateDiagram-v2", ...lines, "```", ""].join("\n");
}

function node(status: Transition["from"] | Transition["to"]): string {
  return status === "new" || status === "gone" ? "[*]" : status;
}

/** The verbs alone: what comes after a comma or "with" is in the table. */
function label(moves: readonly Transition[]): string {
  const verbs = moves.flatMap(({ by }) => by.split(";")).map((by) =>
    by.trim().split(/,| with /)[0] ?? by
  );
  return [...new Set(verbs)].join(" or ");
}

function statusTable(): string {
  const rows = statuses.map((status) =>
    `| \`${status}\` | ${reaches(status, "to")} | ${reaches(status, "from")} | ${
      finalStatuses.includes(status) ? "yes" : ""
    } |`
  );
  return ["## Statuses", "", "| status | from | to | final |", "| - | - | - | - |", ...rows, ""]
    .join("\n");
}

/** The other ends of all moves that have the status at one end. */
function reaches(status: JobStatus, end: "from" | "to"): string {
  const other = end === "from" ? "to" : "from";
  const found = transitions.filter((move) => move[end] === status).map((move) => move[other]);
  return [...new Set(found)].map((name) => `\`${name}\``).join(", ") || "none";
}

function moveTable(): string {
  const rows = transitions.map(({ from, to, by }) => `| \`${from}\` | \`${to}\` | ${by} |`);
  const legend = "`new` is a job that is not stored yet; `gone` is one that is removed for good.";
  return ["## Moves", "", legend, "", "| from | to | by |", "| - | - | - |", ...rows, ""]
    .join("\n");
}
