/**
 * Runs the terminal monitor: what is typed, read and told goes into the model, and the model onto the screen. Nothing
 * here waits for the network before it takes the next key.
 *
 * @module
 */

import { type Clock, systemClock } from "../../clock.ts";
import { takeScreen } from "../../runtime/screen.ts";
import { type Api, ApiError } from "../api.ts";
import { keysOf } from "./keys.ts";
import { listen } from "./live.ts";
import { type Effect, type Model, newModel, type Place, press, shown } from "./model.ts";
import { Painter } from "./painter.ts";
import { render } from "./render.ts";
import type { Action } from "./view.ts";

const CLOCK_MS = 1000;
/** Without events, and for what no event tells of, it is read again so often. */
const POLL_MS = 3000;
/** However much happens, it is read no more often. */
const LEAST_MS = 500;
const MESSAGE_MS = 5000;
const TIMEOUT_MS = 10_000;

/** Runs until somebody quits. */
export async function runTui(api: Api, hasColours: boolean): Promise<void> {
  const app = new App(api, hasColours, systemClock);
  await app.run();
}

class App {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #painter: Painter;
  readonly #model: Model;
  readonly #quit = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  #write: (text: string) => void = () => {};
  #size: () => readonly [number, number] = () => [80, 24];
  #suspend: () => void = () => {};
  #reading: AbortController | undefined;
  #readAt = -Infinity;
  #isDue = false;

  constructor(api: Api, hasColours: boolean, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
    this.#painter = new Painter(hasColours);
    this.#model = newModel(api.place, 80, 24);
  }

  async run(): Promise<void> {
    using screen = takeScreen({
      typed: (text) => {
        for (const key of keysOf(text)) this.#effect(press(this.#model, key, this.#clock.now()));
        this.#draw();
      },
      changed: () => {
        this.#painter.forget();
        this.#draw();
      },
      ended: () => this.#quit.resolve(),
    });
    this.#write = (text) => screen.write(text);
    this.#size = () => screen.size();
    this.#suspend = () => screen.suspend();
    this.#painter.forget();
    const { signal } = this.#ended;
    const live = listen(this.#api, this.#clock, signal, {
      event: (name) => {
        if (name === "gap" || shown(this.#model).view.events.includes(name)) this.#soon();
      },
      link: (link) => {
        this.#model.link = link;
        this.#draw();
      },
    });
    this.#tick();
    void this.#read();
    await this.#quit.promise;
    this.#ended.abort();
    this.#reading?.abort();
    await live;
  }

  #draw(): void {
    const model = this.#model;
    [model.width, model.height] = this.#size();
    const lines = render(model, this.#clock.now(), this.#clock.mono());
    const text = this.#painter.paint(lines);
    if (text !== "") this.#write(text);
  }

  #tick(): void {
    if (this.#ended.signal.aborted) return;
    const model = this.#model;
    const { mono } = this.#clock;
    if (model.message !== undefined && mono() > model.message.until) model.message = undefined;
    const isStale = mono() - this.#readAt >= POLL_MS;
    if (
      isStale &&
      (model.link !== "live" || shown(model).view.events.length === 0 ||
        mono() - this.#readAt >= 2 * POLL_MS)
    ) {
      void this.#read();
    }
    this.#draw();
    this.#clock.after(CLOCK_MS, () => this.#tick());
  }

  #effect(effect: Effect | undefined): void {
    if (effect === undefined) return;
    switch (effect.kind) {
      case "quit":
        return this.#quit.resolve();
      case "suspend":
        return this.#suspend();
      case "redraw":
        return this.#painter.forget();
      case "read":
        return void this.#read();
      case "do":
        return void this.#do(effect.action);
    }
  }

  /** Reads again, but not too often. */
  #soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const waitMs = Math.max(0, LEAST_MS - (this.#clock.mono() - this.#readAt));
    this.#clock.after(waitMs, () => {
      this.#isDue = false;
      if (!this.#ended.signal.aborted) void this.#read();
    });
  }

  async #read(): Promise<void> {
    this.#reading?.abort();
    const reading = this.#reading = new AbortController();
    const late = new AbortController();
    const timer = this.#clock.after(TIMEOUT_MS, () => late.abort());
    const signal = AbortSignal.any([reading.signal, late.signal]);
    const place = shown(this.#model);
    this.#readAt = this.#clock.mono();
    try {
      place.data = await place.view.load(this.#api, signal);
      place.error = undefined;
      place.readAt = this.#clock.mono();
      if (this.#model.link === "down" || this.#model.link === "before") {
        this.#model.link = "polling";
      }
    } catch (error) {
      if (reading.signal.aborted) return;
      this.#failed(place, late.signal.aborted ? undefined : error);
    } finally {
      timer.cancel();
    }
    this.#draw();
  }

  /** What could not be read; undefined if it took too long. */
  #failed(place: Place, error: unknown): void {
    const told = error instanceof Error ? error.message : String(error);
    place.error = error === undefined ? `${this.#api.place} does not answer` : told;
    const isDown = !(error instanceof ApiError) || error.status === 0;
    if (isDown) this.#model.link = "down";
  }

  async #do(action: Action): Promise<void> {
    const say = (text: string, isBad: boolean): void => {
      this.#model.message = { text, isBad, until: this.#clock.mono() + MESSAGE_MS };
    };
    try {
      say(await action.run(this.#api), false);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), true);
    }
    await this.#read();
  }
}
