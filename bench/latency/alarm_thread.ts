/** The thread of an alarm; its first message is the shared memory. */

import { alarmState, sharedNow } from "./alarm.ts";

const thread = self as unknown as {
  onmessage: (event: MessageEvent<SharedArrayBuffer>) => void;
  postMessage(message: unknown): void;
};

thread.onmessage = ({ data }) => {
  const { isSet, at } = alarmState(data);
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (true) {
    Atomics.wait(isSet, 0, 0);
    const leftMs = at[0]! - sharedNow();
    if (leftMs > 0) Atomics.wait(never, 0, 0, leftMs);
    Atomics.store(isSet, 0, 0);
    thread.postMessage(undefined);
  }
};
