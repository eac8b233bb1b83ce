// @ts-check
/**
 * A plane that is larger than its window: moved by drag, zoomed by wheel, pinch and buttons.
 */

import { useEffect, useMemo, useRef } from "../vendor/preact.js";

const LEAST = 0.05;
const MOST = 2;
/** Nothing is made smaller than this unless it is asked for: below, nobody can read it. */
const READABLE = 0.75;
/** Below, no text is drawn: the window gets the class `is-far`. */
const FAR = 0.35;
/** A pointer that moves less is a click. */
const DRAG_PX = 4;
const MARGIN = 12;

/** @typedef {{ x: number, y: number, width: number, height: number }} Box Its upper left corner and size. */

/** Where a side of the plane begins, with nothing empty beside it if it is longer than the window. @param {number} at @param {number} least */
function within(at, least) {
  return least < 0 ? Math.min(0, Math.max(least, at)) : least / 2;
}

/**
 * The window is an `svg` that gets `frame`, the plane a `g` in it that gets `plane`.
 *
 * @param {{ width: number, height: number }} size Of the plane.
 */
export function usePanZoom(size) {
  const frame = useRef(/** @type {SVGSVGElement | null} */ (null));
  const plane = useRef(/** @type {SVGGElement | null} */ (null));
  const latest = useRef(size);
  latest.current = size;
  const moves = useMemo(() => {
    const view = { x: 0, y: 0, scale: 1 };
    const draw = () => {
      plane.current?.setAttribute(
        "transform",
        `translate(${view.x} ${view.y}) scale(${view.scale})`,
      );
      frame.current?.classList.toggle("is-far", view.scale < FAR);
    };
    const room = () => frame.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    const fitting = () => {
      const { width, height } = room();
      return Math.min(1, width / latest.current.width, height / latest.current.height);
    };
    /** @param {Box} box @param {number} [scale] */
    const centre = ({ x, y, width, height }, scale = view.scale) => {
      const { width: w, height: h } = room();
      view.scale = scale;
      view.x = w / 2 - (x + width / 2) * scale;
      view.y = h / 2 - (y + height / 2) * scale;
      draw();
    };
    return {
      /** @param {number} dx @param {number} dy In pixels. */
      drag: (dx, dy) => {
        view.x += dx;
        view.y += dy;
        draw();
      },
      /** @param {number} dx @param {number} dy In units of the plane. */
      pan: (dx, dy) => {
        view.x += dx * view.scale;
        view.y += dy * view.scale;
        draw();
      },
      /** @param {number} by @param {{ x: number, y: number }} [at] What stays in its place, in pixels of the page. */
      zoom: (by, at) => {
        const { left, top, width, height } = room();
        const x = at ? at.x - left : width / 2;
        const y = at ? at.y - top : height / 2;
        const least = Math.min(LEAST, fitting());
        const scale = Math.min(MOST, Math.max(least, view.scale * by));
        view.x = x - (x - view.x) * scale / view.scale;
        view.y = y - (y - view.y) * scale / view.scale;
        view.scale = scale;
        draw();
      },
      /** Shows all of it. */
      fit: () => centre({ x: 0, y: 0, ...latest.current }, fitting()),
      /** Shows all of it if that can be read; else what is around a box. @param {Box} box */
      start: (box) => {
        const scale = fitting();
        if (scale >= READABLE) centre({ x: 0, y: 0, ...latest.current }, scale);
        else {
          centre(box, READABLE);
          const { width, height } = room();
          view.x = within(view.x, width - latest.current.width * READABLE);
          view.y = within(view.y, height - latest.current.height * READABLE);
          draw();
        }
      },
      centre,
      /** Moves as far as it takes to see a box. @param {Box} box */
      reveal: (box) => {
        const { width, height } = room();
        const left = view.x + box.x * view.scale - MARGIN;
        const top = view.y + box.y * view.scale - MARGIN;
        const right = left + box.width * view.scale + 2 * MARGIN;
        const bottom = top + box.height * view.scale + 2 * MARGIN;
        view.x += left < 0 ? -left : right > width ? width - right : 0;
        view.y += top < 0 ? -top : bottom > height ? height - bottom : 0;
        draw();
      },
    };
  }, []);

  useEffect(() => {
    const element = /** @type {SVGSVGElement} */ (frame.current);
    /** @type {Map<number, { x: number, y: number }>} */
    const pointers = new Map();
    let moved = 0;
    const spread = () => {
      const [a, b] = [...pointers.values()];
      return a && b
        ? { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.hypot(a.x - b.x, a.y - b.y) }
        : undefined;
    };
    /** @param {PointerEvent} event */
    const down = (event) => {
      if (event.button !== 0) return;
      if (pointers.size === 0) moved = 0;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    };
    /** @param {PointerEvent} event */
    const move = (event) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      if (event.buttons === 0) return void pointers.delete(event.pointerId);
      const pinched = spread();
      const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
      moved += Math.abs(dx) + Math.abs(dy);
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (moved < DRAG_PX) return;
      // Captured only now, so that a click still goes to what is under the pointer.
      element.setPointerCapture(event.pointerId);
      const now = spread();
      if (pinched && now) {
        moves.drag(now.x - pinched.x, now.y - pinched.y);
        if (pinched.length > 0) moves.zoom(now.length / pinched.length, now);
      } else moves.drag(dx, dy);
    };
    /** @param {PointerEvent} event */
    const up = (event) => void pointers.delete(event.pointerId);
    /** @param {WheelEvent} event */
    const wheel = (event) => {
      event.preventDefault();
      // Two fingers that move apart on a touchpad come as a wheel with Ctrl, in small steps.
      const pixels = event.deltaY * (event.ctrlKey ? 5 : event.deltaMode === 0 ? 1 : 20);
      moves.zoom(Math.exp(-Math.max(-200, Math.min(200, pixels)) / 400), {
        x: event.clientX,
        y: event.clientY,
      });
    };
    // They end with the element, which is this part's own.
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    element.addEventListener("wheel", wheel, { passive: false });
  }, []);

  return { frame, plane, ...moves };
}
