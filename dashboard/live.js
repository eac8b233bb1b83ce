// @ts-check
/**
 * What happens, told as it happens: one stream of events for the page, while somebody listens and the page can be
 * seen. Where there can be none, the parts of the page ask now and then.
 */

import { get, urlOf } from "./api.js";
import { findOut } from "./session.js";
import { me, shared, visible } from "./state.js";

/** How long it takes to try again after the stream was refused, in milliseconds. */
const AGAIN_MS = 15_000;
/** How long it takes to look again whether all answers, in milliseconds. */
const LOOK_MS = 3000;
/** For how long the stream stays when nobody listens, as on the way from page to page. */
const LINGER_MS = 2000;
const EVENTS = ["jobs", "lines", "counts", "servers", "alert", "store", "gap"];

/** "off": nobody listens; "polling": there is no stream. @type {import("./state.js").Shared<"off" | "connecting" | "live" | "polling">} */
export const connection = shared(/** @type {any} */ ("off"));
/** What does not answer, and since when; undefined while all does. */
export const away = shared(
  /** @type {{ what: "monitor" | "store", since: number } | undefined} */ (undefined),
);

/** @typedef {(data: any, event: string) => void} Listener */
/** @type {Map<string, Set<Listener>>} */
const listeners = new Map(EVENTS.map((event) => [event, new Set()]));
/** @type {EventSource | undefined} */
let source;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Listens until what it gives is called.
 *
 * @param {readonly string[]} events
 * @param {Listener} listener
 */
export function listen(events, listener) {
  for (const event of events) listeners.get(event)?.add(listener);
  update();
  return () => {
    for (const event of events) listeners.get(event)?.delete(listener);
    update();
  };
}

visible.listen((isVisible) => {
  update();
  if (isVisible && away.get()) void lookAround();
});
me.listen(() => {
  close();
  update();
});

function isWanted() {
  return visible.get() && me.get() && [...listeners.values()].some((some) => some.size > 0);
}

function update() {
  clearTimeout(timer);
  if (isWanted()) open();
  else if (source === undefined) connection.set("off");
  else timer = setTimeout(close, visible.get() ? LINGER_MS : 0);
}

function open() {
  if (source !== undefined) return;
  const stream = source = new EventSource(urlOf("/api/v1/events"));
  if (connection.get() !== "polling") connection.set("connecting");
  stream.onopen = () => connection.set("live");
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED) {
      connection.set("connecting");
      return void lookAround();
    }
    // It was refused: the browser does not try again. Maybe as the session is over.
    close("polling");
    timer = setTimeout(update, AGAIN_MS);
    void findOut().catch(() => {});
  };
  for (const event of EVENTS) {
    stream.addEventListener(event, (message) => {
      const data = JSON.parse(message.data || "null");
      if (event === "store") void lookAround();
      for (const listener of [...listeners.get(event) ?? []]) listener(data, event);
    });
  }
}

function close(/** @type {"off" | "polling"} */ next = "off") {
  clearTimeout(timer);
  source?.close();
  source = undefined;
  connection.set(next);
}

/** Whether it is to be looked again after the look that was the last. @type {boolean | undefined} */
let isDue;

/** Finds out what does not answer, until all does. Nothing is asked while the page cannot be seen. */
export async function lookAround() {
  if (!visible.get()) return;
  if (isDue !== undefined) return void (isDue = true);
  isDue = false;
  setTimeout(() => {
    const isWanted = isDue || away.get();
    isDue = undefined;
    if (isWanted) void lookAround();
  }, LOOK_MS);
  const what = await get("/health").then(
    ({ redis }) => redis ? undefined : /** @type {const} */ ("store"),
    ({ status }) => status === 0 ? /** @type {const} */ ("monitor") : "store",
  );
  const before = away.get();
  if (what !== before?.what) away.set(what && { what, since: before?.since ?? Date.now() });
}
