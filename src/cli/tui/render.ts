/**
 * From what is known to the lines of the screen; pure.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";
import { duration, statusName } from "../format.ts";
import { toneOf } from "../style.ts";
import { fitWidths, GAP, LEAST_LONG } from "../table.ts";
import { graphBoxes } from "./graph_boxes.ts";
import { treeRows } from "./graph_tree.ts";
import { column, fitted, type Line, line, marked, type Span, span, widthOf } from "./line.ts";
import {
  actionsOf,
  bodyHeight,
  bodyOf,
  choice,
  filtered,
  type Link,
  type Model,
  type Place,
  shown,
  tabs,
} from "./model.ts";
import type { Body, ColumnLook, Row } from "./view.ts";

/** What was read longer ago is told to be old. */
const OLD_MS = 7000;

const LINKS: Readonly<Record<Link, readonly [string, Span["tone"]]>> = {
  before: ["● connecting", "faint"],
  live: ["● live", "good"],
  polling: ["● refreshing", "good"],
  down: ["● no answer", "bad"],
};

/** The screen: as many lines as it is high, each as wide as it is. */
export function render(model: Model, nowMs: number, monoMs: number): Line[] {
  const { width, height } = model;
  const body = model.isHelp ? undefined : bodyOf(model, nowMs);
  const place = shown(model);
  const room = bodyHeight(model);
  const middle = model.isHelp ? help() : bodyLines(body, place, width, room);
  const lines = [
    header(model, place, nowMs, monoMs),
    tabLine(model),
    ...Array.from({ length: room }, (_, i) => middle[i] ?? line("")),
    statusLine(model, place),
    footer(model, body, place),
  ];
  return lines.slice(0, height).map((one) => fitted(one, width));
}

function header(model: Model, { readAt, error }: Place, nowMs: number, monoMs: number): Line {
  const age = readAt === undefined ? undefined : Math.max(0, monoMs - readAt);
  const isOld = model.link !== "down" && age !== undefined && age > OLD_MS;
  const [text, tone] = error !== undefined && model.link !== "down"
    ? ["● error", "bad"] as const
    : LINKS[model.link];
  const right: Line = [
    span(text, isOld ? "warn" : tone),
    span(age === undefined ? "" : `  ${duration(Math.floor(age / 1000) * 1000)} old`, "faint"),
    span(`  ${new Date(nowMs).toTimeString().slice(0, 8)}`),
  ];
  const left: Line = [span("GQM", "strong"), span(`  ${model.place}`, "faint")];
  const gap = model.width - widthOf(right) - 1;
  return [...fitted(left, Math.max(0, gap)), { text: " " }, ...right];
}

function tabLine({ tab, open, width }: Model): Line {
  const names = tabs.flatMap(({ key, view }, i): Line => [
    span(` ${key} ${view.title} `, i === tab ? "reverse" : "faint"),
    span(" "),
  ]);
  const room = width - widthOf(names) - 2;
  const titles = open.slice(1).map(({ view }) => view.title);
  // Where one is matters most.
  while (titles.length > 1 && unicodeWidth(titles.join(" › ")) > room) titles.shift();
  return titles.length === 0 ? names : [...names, span(`› ${titles.join(" › ")}`, "strong")];
}

function statusLine({ asked, message, typed }: Model, { filter, view, error }: Place): Line {
  if (asked !== undefined) return [span(`${asked.ask} `, "warn"), span("[y/N]", "strong")];
  if (typed !== undefined) {
    const what = view.search === undefined ? "filter" : "search";
    return [
      span(`${what}: ${typed}`),
      span(" ", "reverse"),
      span("  enter: go, esc: clear", "faint"),
    ];
  }
  if (message !== undefined) return line(message.text, message.isBad ? "bad" : "good");
  if (error !== undefined) return line(error, "bad");
  return filter === "" ? line("") : line(`only what has “${filter}”; esc shows all`, "warn");
}

function footer({ open, isHelp }: Model, body: Body | undefined, place: Place): Line {
  if (isHelp) return line("any key closes this", "faint");
  const keys: string[] = actionsOf(body, place).map(({ key, label }) => `${key} ${label}`);
  if (body?.kind === "table" && body.rows.some((row) => row.open)) keys.push("enter open");
  if (body?.kind === "graph") keys.push("enter open", "t tree");
  if (body?.kind === "text" && body.graph) keys.push("g graph");
  if (place.view.beside !== undefined) keys.push("←→ queue");
  if (open.length > 1) keys.push("esc back");
  keys.push("/ filter", "s search", "? help", "q quit");
  return line(keys.join("  "), "faint");
}

function bodyLines(body: Body | undefined, place: Place, width: number, room: number): Line[] {
  if (body === undefined) return place.error === undefined ? [line("reading…", "faint")] : [];
  if (body.kind === "table") return tableLines(body, place, width, room);
  if (body.kind === "graph") return graphLines(body, place, width, room);
  const lines = body.lines.flatMap((one) => wrapped(one, width));
  place.top = Math.max(0, Math.min(place.top, lines.length - room));
  return lines.slice(place.top, place.top + room);
}

/** A line as several, where it is wider than the screen. */
function wrapped(parts: Line, width: number): Line[] {
  if (widthOf(parts) <= width) return [parts];
  const lines: Span[][] = [[]];
  let used = 0;
  for (const part of parts) {
    let text = "";
    for (const { segment } of new Intl.Segmenter().segment(part.text)) {
      const wide = unicodeWidth(segment);
      if (used + wide > width) {
        lines.at(-1)!.push({ ...part, text });
        lines.push([]);
        [text, used] = ["", 0];
      }
      text += segment;
      used += wide;
    }
    lines.at(-1)!.push({ ...part, text });
  }
  return lines;
}

function tableLines(
  body: Extract<Body, { kind: "table" }>,
  place: Place,
  width: number,
  room: number,
): Line[] {
  const rows = filtered(body.rows, place.filter);
  const head = body.head ?? [];
  if (rows.length === 0) {
    return [...head, line(place.filter === "" ? body.nothing : "nothing has that", "faint")];
  }
  const shownColumns = columnsThatFit(body.columns, rows, width);
  const widths = widthsOf(body.columns, shownColumns, rows, width);
  const [, at] = choice(body, place);
  const most = Math.max(1, room - head.length - 1);
  scrollTo(place, at, most, rows.length);
  const cellLine = (cells: Line): Line =>
    shownColumns.flatMap((i, n): Line => {
      const cell = cells[i]!;
      const text = column(cell.text, widths[n]!, body.columns[i]!.isNumber);
      return n === 0 ? [{ ...cell, text }] : [{ text: GAP }, { ...cell, text }];
    });
  return [
    ...head,
    cellLine(body.columns.map(({ title }) => span(title, "faint"))),
    ...rows.slice(place.top, place.top + most).map((row, i) => {
      const shownRow = fitted(cellLine(row.cells), width);
      return place.top + i === at ? marked(shownRow) : shownRow;
    }),
  ];
}

/** Scrolls no further than needed to show what is chosen. */
function scrollTo(place: Place, at: number, most: number, all: number): void {
  const top = Math.min(Math.max(place.top, at - most + 1), at);
  place.top = Math.max(0, Math.min(top, all - most));
}

function naturalWidth(columns: readonly ColumnLook[], rows: readonly Row[], i: number): number {
  return Math.max(
    unicodeWidth(columns[i]!.title),
    ...rows.map(({ cells }) => unicodeWidth(cells[i]!.text)),
  );
}

/** The columns for which there is room: the least important are left out first. */
function columnsThatFit(
  columns: readonly ColumnLook[],
  rows: readonly Row[],
  width: number,
): number[] {
  let kept = columns.map((_, i) => i);
  const least = (i: number): number => {
    const wide = naturalWidth(columns, rows, i);
    return columns[i]!.isLong ? Math.min(wide, LEAST_LONG * 2) : wide;
  };
  for (;;) {
    const sum = kept.reduce((n, i) => n + least(i) + GAP.length, -GAP.length);
    const minor = Math.max(...kept.map((i) => columns[i]!.minor ?? 0));
    if (sum <= width || minor === 0) return kept;
    kept = kept.filter((i) => (columns[i]!.minor ?? 0) < minor);
  }
}

function widthsOf(
  columns: readonly ColumnLook[],
  kept: readonly number[],
  rows: readonly Row[],
  width: number,
): number[] {
  const widths = kept.map((i) => naturalWidth(columns, rows, i));
  fitWidths(widths, kept.map((i) => columns[i]!), width);
  return widths;
}

function graphLines(
  body: Extract<Body, { kind: "graph" }>,
  place: Place,
  width: number,
  room: number,
): Line[] {
  const note: Line[] = body.note === undefined ? [] : [line(body.note, "warn")];
  const [chosen = body.root, at] = choice(body, place);
  const most = Math.max(1, room - note.length);
  const picture = place.isTree ? undefined : graphBoxes(body, chosen, width);
  if (picture !== undefined) {
    const y = Math.round(picture.places.find(({ id }) => id === chosen)?.y ?? 0);
    place.top = Math.max(0, Math.min(Math.max(place.top, y + 3 - most), Math.max(0, y - 3)));
    return [...note, ...picture.lines.slice(place.top, place.top + most)];
  }
  const byId = new Map(body.nodes.map((node) => [node.id, node]));
  const rows = treeRows(body);
  scrollTo(place, at, most, rows.length);
  return [
    ...note,
    ...rows.slice(place.top, place.top + most).map(({ id, lead, isRepeat }, i): Line => {
      const { title, status } = byId.get(id)!;
      const text: Line = [
        span(lead, "faint"),
        span(title, id === body.root ? "strong" : undefined),
        span(`  ${statusName(status)}`, toneOf(status)),
        span(isRepeat ? "  (again, see above)" : "", "faint"),
        span(`  ${id}`, "faint"),
      ];
      return place.top + i === at ? marked(fitted(text, width)) : text;
    }),
  ];
}

function help(): Line[] {
  const rows: readonly (readonly [string, string])[] = [
    ["0 … 5, tab, shift+tab", "overview, queues, workers, failed, schedules, graphs"],
    ["↑ ↓ j k, page up/down, home, end", "move"],
    ["← → h l", "next queue (failed), or job (graph)"],
    ["enter", "open what is chosen"],
    ["esc, backspace", "back"],
    ["/", "only rows that say something"],
    ["s", "search jobs by a text or an id"],
    ["p", "pause or resume a queue"],
    ["r  c  d", "retry, cancel, delete a job"],
    ["g", "the graph around a job"],
    ["t", "trigger a schedule; a graph as a tree"],
    ["e", "pause or resume a schedule"],
    ["F5, ctrl+l", "read anew, draw anew"],
    ["q, ctrl+c", "quit"],
  ];
  return [
    line("Keys", "strong"),
    line(""),
    ...rows.map(([keys, what]): Line => [span(column(keys, 34), "busy"), span(what)]),
    line(""),
    line("Whatever changes something asks first; only y does it.", "faint"),
  ];
}
