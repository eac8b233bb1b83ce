/**
 * A thread that sleeps until a moment between two milliseconds, which timers of runtimes cannot:
 * they count whole ones.
 */

/** What is shared with the thread: a flag that it is set, and to when. */
export interface AlarmState {
  readonly isSet: Int32Array<SharedArrayBuffer>;
  readonly at: Float64Array<SharedArrayBuffer>;
}

/** Milliseconds on a clock that all threads share. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Lays out what is shared. */
export function alarmState(buffer: SharedArrayBuffer): AlarmState {
  return { isSet: new Int32Array(buffer, 0, 1), at: new Float64Array(buffer, 8, 1) };
}

/** Sets it; it tells by a message when the time has come, and is then no longer set. */
export function setAlarm({ isSet, at }: AlarmState, time: number): void {
  at[0] = time;
  Atomics.store(isSet, 0, 1);
  Atomics.notify(isSet, 0);
}
