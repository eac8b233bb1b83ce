// @ts-check
/**
 * A graph of jobs as a picture: parents on the left, children to the right of them. It is gone through with the
 * arrows, zoomed by + and -, and shown whole by 0.
 */

import * as format from "../format.js";
import { Component, html, useEffect, useLayoutEffect, useMemo, useRef } from "../vendor/preact.js";
import { HEIGHT, place, WIDTH } from "./layout.js";
import { usePanZoom } from "./pan_zoom.js";

/** @typedef {{ id: string, type?: string, queue?: string, status: string }} Node */
/** @typedef {import("./layout.js").Edge} Edge */
/** @typedef {import("./layout.js").Placed} Placed */

/** Characters that have room in a node. */
const ROOM = 22;
const ZOOM = 1.3;

/** @param {string} text */
function short(text) {
  return text.length > ROOM ? `${text.slice(0, ROOM - 1)}…` : text;
}

/** A job of the graph; drawn anew only if it has changed, as there may be many. */
class NodeBox extends Component {
  /** @override @param {any} next */
  shouldComponentUpdate(next) {
    const { node, box, isChosen, isRoot } = this.props;
    return next.box !== box || next.isChosen !== isChosen || next.isRoot !== isRoot ||
      ["status", "type", "queue"].some((name) => next.node[name] !== node[name]);
  }

  /** @override */
  render() {
    const { node, box, isChosen, isRoot } = this.props;
    const { id, type = id, status, queue } = node;
    const told = `${format.statusName(status)}${queue ? ` · ${queue}` : ""}`;
    return html`
      <g class=${`graph-node status-${status} ${isChosen ? "is-chosen" : ""} ${
        isRoot ? "is-root" : ""
      }`}
        transform=${`translate(${box.x} ${box.y})`} data-id=${id} tabindex=${isChosen ? 0 : -1}
        role="button" aria-pressed=${isChosen}>
        <title>${type}, ${told}${isRoot ? ", the job of this graph" : ""}</title>
        <rect width=${WIDTH} height=${HEIGHT} rx="7" />
        <rect class="graph-mark" width="5" height=${HEIGHT - 14} x="6" y="7" rx="2.5" />
        <text class="graph-type" x="19" y="20">${short(type)}</text>${", "}
        <text class="graph-told" x="19" y="36">${short(told)}</text>
      </g>
    `;
  }
}

/** @param {{ lines: import("./layout.js").Lines, class?: string }} props */
function Lines({ lines: { all, heads }, class: kind = "" }) {
  return html`
    <g class=${`graph-lines ${kind}`}>
      <path d=${all} />
      <path class="graph-heads" d=${heads} />
    </g>
  `;
}

/**
 * @param {object} props
 * @param {readonly Node[]} props.nodes
 * @param {readonly Edge[]} props.edges Both ends are among the nodes. They are others whenever the nodes are others.
 * @param {string} props.root What it is the graph of.
 * @param {string} props.chosen Is brought into view when it becomes another.
 * @param {(id: string) => void} props.onChoose
 * @param {string} [props.inView] Is brought to the middle when it becomes another.
 */
export function Graph({ nodes, edges, root, chosen, onChoose, inView }) {
  const shape = useMemo(() => JSON.stringify([nodes.map(({ id }) => id), edges]), [edges]);
  const placed = /** @type {Placed} */ (useMemo(() => place(nodes, edges), [shape]));
  const { boxes, columns, blocks, lines, linesOf } = placed;
  const { frame, plane, zoom, fit, start, pan, centre, reveal } = usePanZoom(placed);
  const drawn = useRef({ placed, chosen });
  useLayoutEffect(() => {
    const box = boxes.get(chosen) ?? boxes.get(root);
    if (box) start(box);
  }, []);
  useLayoutEffect(() => {
    const before = drawn.current;
    drawn.current = { placed, chosen };
    const box = boxes.get(chosen);
    const was = before.placed.boxes.get(chosen);
    if (!box) return;
    // What is looked at stays where it is when there are more jobs.
    if (was && before.placed !== placed) pan(was.x - box.x, was.y - box.y);
    if (before.chosen !== chosen) reveal(box);
  }, [placed, chosen]);
  useEffect(() => {
    const box = inView === undefined ? undefined : boxes.get(inView);
    if (box) centre(box);
  }, [inView]);

  /** @param {string | undefined} id */
  const walk = (id) => {
    if (id === undefined) return;
    onChoose(id);
    const all =
      /** @type {SVGGElement[]} */ ([...plane.current?.querySelectorAll("[data-id]") ?? []]);
    all.find((one) => one.dataset.id === id)?.focus({ preventScroll: true });
  };
  /** @param {KeyboardEvent} event */
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = idOf(event) ?? chosen;
    if (event.key === "+" || event.key === "=") zoom(ZOOM);
    else if (event.key === "-") zoom(1 / ZOOM);
    else if (event.key === "0") fit();
    else if (event.key === "Home") walk(root);
    else if (event.key === "Enter" || event.key === " ") walk(from);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const column = columns.find((ids) => ids.includes(from)) ?? [];
      walk(column[column.indexOf(from) + (event.key === "ArrowUp" ? -1 : 1)]);
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const some = event.key === "ArrowLeft"
        ? edges.filter(({ target }) => target === from).map(({ source }) => source)
        : edges.filter(({ source }) => source === from).map(({ target }) => target);
      walk(nearest(some, from, placed));
    } else return;
    event.preventDefault();
  };
  /** @param {Event} event */
  const seen = (event) => {
    const element = /** @type {Element} */ (event.target);
    const box = boxes.get(idOf(event) ?? "");
    if (box && element.matches(":focus-visible")) reveal(box);
  };
  return html`
    <div class="graph">
      <svg ref=${frame} class="graph-frame" role="group"
        aria-label=${`Graph of ${format.many(nodes.length, "job")}. The arrows go from job to job.`}
        onKeyDown=${press} onFocusIn=${seen} onClick=${(/** @type {Event} */ event) => {
          const id = idOf(event);
          if (id !== undefined) onChoose(id);
        }}>
        <g ref=${plane}>
          ${blocks.map((block, i) =>
            html`<rect key=${i} class="graph-block" ...${block} rx="10" />`
          )}
          <${Lines} lines=${lines} />
          <${Lines} lines=${useMemo(() => linesOf(chosen), [placed, chosen])} class="is-near" />
          ${nodes.map((node) =>
            html`
              <${NodeBox} key=${node.id} node=${node} box=${boxes.get(node.id)}
                isChosen=${node.id === chosen} isRoot=${node.id === root} />
            `
          )}
        </g>
      </svg>
      <div class="graph-buttons" role="group" aria-label="Zoom">
        <button type="button" class="button small" aria-label="Larger" onClick=${() =>
          zoom(ZOOM)}>+</button>
        <button type="button" class="button small" aria-label="Smaller" onClick=${() =>
          zoom(1 / ZOOM)}>−</button>
        <button type="button" class="button small" onClick=${fit}>Show all</button>
      </div>
    </div>
  `;
}

/** The job that an event is about. @param {Event} event @returns {string | undefined} */
function idOf(event) {
  const element = /** @type {Element} */ (event.target).closest("[data-id]");
  return element instanceof SVGElement ? element.dataset.id : undefined;
}

/** @param {readonly string[]} ids @param {string} from @param {Placed} placed */
function nearest(ids, from, { boxes }) {
  const far = (/** @type {string} */ id) =>
    Math.abs(Number(boxes.get(id)?.y) - Number(boxes.get(from)?.y));
  return ids.toSorted((a, b) => far(a) - far(b))[0];
}
