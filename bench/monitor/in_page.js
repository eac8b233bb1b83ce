/** What the bench of the dashboard runs in the page itself, where there is a document. */

/**
 * Watches from the beginning of the page: `window.watch` says what is waited for, and what was seen.
 *
 * @param {{ some: string, least?: number, none?: string }} wanted So many of some parts, and none of others.
 */
export function install(wanted) {
  const watch = globalThis.watch = {
    wanted,
    begunAt: 0,
    inputAt: 0,
    shownAt: 0,
    events: [],
    tasks: [],
    frames: [],
  };
  const isShown = ({ some, least = 1, none }) =>
    document.querySelectorAll(some).length >= least &&
    (!none || document.querySelector(none) === null);
  let last = 0;
  let isSeen = false;
  const frame = (now) => {
    if (last > 0) watch.frames.push({ at: now, ms: now - last });
    last = now;
    // What is there in one frame has been painted when the next one begins.
    if (isSeen && watch.shownAt === 0) watch.shownAt = performance.now();
    isSeen = watch.shownAt === 0 && isShown(watch.wanted);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const input = ({ timeStamp }) => watch.inputAt ||= timeStamp;
  for (const name of ["keydown", "pointerdown", "wheel"]) {
    addEventListener(name, input, { capture: true, passive: true });
  }
  const observe = (type, entries, options) =>
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        entries.push({ at: startTime, ms: duration });
      }
    }).observe({ type, ...options });
  observe("event", watch.events, { durationThreshold: 16 });
  observe("longtask", watch.tasks, {});
}

/** Waits for something else from now on; with nothing to wait for, it looks at frames alone. */
export function begin(wanted = { some: "body" }) {
  Object.assign(globalThis.watch, { wanted, begunAt: performance.now(), inputAt: 0, shownAt: 0 });
}

/** Whether it was seen. */
export function isSeen() {
  return globalThis.watch.shownAt > 0;
}

/**
 * What was seen, in milliseconds: until what was waited for was painted, counted from the first input or else from
 * the beginning of the page; from an input to the next frame; the longest task; the longest time between frames.
 */
export async function end() {
  // Entries of the timeline come a little later.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { begunAt, inputAt, shownAt, events, tasks, frames } = globalThis.watch;
  const most = (some) => Math.max(0, ...some.filter(({ at }) => at >= begunAt).map(({ ms }) => ms));
  return {
    shownMs: shownAt - inputAt,
    eventMs: most(events),
    taskMs: most(tasks),
    frameMs: most(inputAt > 0 ? frames.filter(({ at }) => at >= inputAt) : []),
  };
}

/** The middle of a job of the graph that is in view and not chosen. */
export function jobInView() {
  const frame = document.querySelector(".graph-frame").getBoundingClientRect();
  for (const node of document.querySelectorAll(".graph-node:not(.is-chosen)")) {
    const { left, right, top, bottom } = node.getBoundingClientRect();
    const isIn = left > frame.left && right < frame.right && top > frame.top &&
      bottom < frame.bottom - 60;
    if (isIn) return { x: (left + right) / 2, y: (top + bottom) / 2 };
  }
  throw new Error("Cannot choose a job: none is in view");
}
