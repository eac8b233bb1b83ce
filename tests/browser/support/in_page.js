/** What tests run in the page itself, where there is a document. */

/** Whether what the page shows has been read. @returns {boolean} */
export function isSettled() {
  return document.querySelector("#main > :not(h1), .login") !== null &&
    document.querySelector(".loading") === null;
}

/**
 * Whether a line of a chart is drawn, in the colour that a variable of the style sheet names.
 *
 * @param {Element} chart
 * @param {string} color Such as `--good`.
 * @returns {boolean}
 */
export function hasLine(chart, color) {
  const canvas = chart.querySelector("canvas");
  if (!canvas || canvas.width === 0) return false;
  // A copy, so that the chart's own canvas is not made for reading.
  const { width, height } = canvas;
  const copy = Object.assign(document.createElement("canvas"), { width, height });
  const pen = copy.getContext("2d", { willReadFrequently: true });
  if (!pen) return false;
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${color})`;
  const wanted = getComputedStyle(probe).color.match(/\d+/g)?.slice(0, 3).map(Number) ?? []; // rgb(1, 2, 3)
  probe.remove();
  // Edges are half transparent; what is below a line is more so.
  for (let at = 0; at < data.length; at += 4) {
    const isLike = wanted.every((value, i) => Math.abs(value - (data[at + i] ?? 0)) < 8);
    if (isLike && (data[at + 3] ?? 0) > 80) return true;
  }
  return false;
}

/** How wide the page is, and how wide its window. @returns {[number, number]} */
export function widths() {
  const { scrollWidth, clientWidth } = document.documentElement;
  return [scrollWidth, clientWidth];
}

/** The paths of what the page has loaded. @returns {string[]} */
export function loadedPaths() {
  return performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
}

/** Scrolls to so many pixels from the top. @param {number} top */
export function scrollTo(top) {
  document.documentElement.scrollTop = top;
}

/** How many pixels it is scrolled down. @returns {number} */
export function scrollOf() {
  return document.documentElement.scrollTop;
}

/** What was copied. @returns {Promise<string>} */
export function clipboardText() {
  return navigator.clipboard.readText();
}

/** As if the page went to the background, or came back. @param {string} state "hidden" or "visible". */
export function turn(state) {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

/**
 * What axe finds wrong that keeps people out. @returns {Promise<string[]>} One line for each place.
 */
export async function findBarriers() {
  const { violations } = await /** @type {any} */ (globalThis).axe.run(document, {
    preload: false,
    resultTypes: ["violations"],
  });
  return violations
    .filter((/** @type {any} */ { impact }) => impact === "serious" || impact === "critical")
    .flatMap((/** @type {any} */ { id, nodes }) =>
      nodes.map((/** @type {any} */ { target, html, any, all, none }) => {
        const why = [...any, ...all, ...none].map(({ message }) => message).join("; ");
        return `${id} at ${target.join(" ")}: ${html.slice(0, 160)}: ${why}`;
      })
    );
}

/** Counts from now on what holds on to things: timers that wait, and listeners of what outlives a page. */
export function countHolds() {
  const timers = new Set();
  const listeners = new Set();
  Object.assign(globalThis, {
    holds: () => ({ timers: timers.size, listeners: [...listeners].sort() }),
  });
  for (const [set, clear] of [["setTimeout", "clearTimeout"], ["setInterval", "clearInterval"]]) {
    const all = /** @type {any} */ (globalThis);
    const [start, end] = [all[set ?? ""], all[clear ?? ""]];
    all[set ?? ""] = (/** @type {() => void} */ run, /** @type {number} */ ms) => {
      const id = start(() => {
        if (set === "setTimeout") timers.delete(id);
        run();
      }, ms);
      timers.add(id);
      return id;
    };
    all[clear ?? ""] = (/** @type {number} */ id) => {
      timers.delete(id);
      end(id);
    };
  }
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  /** @type {WeakMap<any, number>} */
  const numbers = new WeakMap();
  let last = 0;
  const numberOf = (/** @type {any} */ one) =>
    numbers.get(one) ?? numbers.set(one, ++last).get(one);
  /** @param {any} target @param {string} type @param {unknown} listener */
  const nameOf = (target, type, listener) =>
    [target?.media ?? target?.nodeName ?? "window", type, numberOf(listener)].join(" ");
  /** @param {any} target */
  const outlives = (target = globalThis) =>
    target === globalThis || target === document || target instanceof MediaQueryList;
  /** @this {any} @param {string} type @param {any} listener @param {any} options */
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    if (outlives(this)) listeners.add(nameOf(this, type, listener));
    addEventListener.call(this, type, listener, options);
  };
  /** @this {any} @param {string} type @param {any} listener @param {any} options */
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    listeners.delete(nameOf(this, type, listener));
    removeEventListener.call(this, type, listener, options);
  };
}

/** What is held now. @returns {{ timers: number, listeners: string[] }} */
export function holds() {
  return /** @type {any} */ (globalThis).holds();
}

/** Shows what the URL says after the `#`, as a link does. @param {string} at */
export function follow(at) {
  location.hash = at;
}

/** What has the focus, and whether that can be seen. @returns {{ name: string, isSeen: boolean }} */
export function focused() {
  const element = /** @type {HTMLElement} */ (document.activeElement);
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const name = element.getAttribute("aria-label") ?? element.textContent ?? "";
  return { name: name.trim(), isSeen: outlineStyle !== "none" && outlineWidth !== "0px" };
}

/** Notes which theme is set when there is a body, before which nothing is painted. */
export function noteTheme() {
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    Object.assign(globalThis, { firstTheme: document.documentElement.dataset.theme ?? "system" });
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}

/** The theme of the page: at first, now, and the colour of its ground. */
export function themes() {
  const { firstTheme } = /** @type {any} */ (globalThis);
  const now = document.documentElement.dataset.theme ?? "system";
  return [firstTheme, now, getComputedStyle(document.body).backgroundColor];
}

/** What elements are called. @param {HTMLElement[]} elements */
export function namesOf(elements) {
  return elements.map((one) => (one.getAttribute("aria-label") ?? one.innerText).trim());
}

/**
 * Presses the first of some buttons, if there is one: at once, where a click that waits for what goes away would be left
 * waiting.
 *
 * @param {Element[]} buttons
 */
export function pressFirst(buttons) {
  /** @type {HTMLElement | undefined} */ (buttons[0])?.click();
}
