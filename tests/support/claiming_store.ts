import { nextTurn } from "../../src/runtime/turn.ts";
import type {
  ClaimReply,
  ClaimRequest,
  ClaimSource,
  Store,
  WakeSource,
} from "../../src/store/store.ts";

/** A store that claims what it is offered in the moment of the wake, as Redis does. */
export interface ClaimingStore {
  readonly store: Store;
  /** What it has claimed so. */
  readonly replies: readonly ClaimReply[];
  /** What it was offered. */
  readonly taken: readonly ClaimRequest[];
}

/**
 * Lets a store claim for whoever waits, some way off: an abort, and the answer, take `half` to arrive.
 *
 * @param store Any store; where its `claim` fails, what came of it is not known.
 * @param half What passes on the way there, and on the way back.
 */
export function claimingStore(
  store: Store,
  half: () => Promise<void> = nextTurn,
): ClaimingStore {
  const replies: ClaimReply[] = [];
  const taken: ClaimRequest[] = [];
  const subscribe = (sources: readonly ClaimSource[]): WakeSource => {
    const inner = store.subscribe(sources);
    let hurry: (() => void) | undefined;
    const next: WakeSource["next"] = async (signal, offer) => {
      const request = signal.aborted ? undefined : offer?.take();
      if (request === undefined) return await inner.next(signal);
      taken.push(request);
      const ended = new AbortController();
      let isOff = false;
      const callOff = (): void =>
        void half().then(() => {
          isOff = true;
          ended.abort();
        });
      signal.addEventListener("abort", callOff, { once: true });
      hurry = () => void half().then(() => ended.abort());
      await inner.next(ended.signal);
      hurry = undefined;
      signal.removeEventListener("abort", callOff);
      const reply = isOff ? undefined : await store.claim(request).catch(() => undefined);
      if (reply !== undefined) replies.push(reply);
      await half();
      return reply;
    };
    return {
      next,
      claimNow: () => {
        hurry?.();
        return hurry !== undefined;
      },
      full: () => inner.full?.(),
      [Symbol.dispose]: () => inner[Symbol.dispose](),
    };
  };
  const claiming = new Proxy(store, {
    get(target, name) {
      if (name === "subscribe") return subscribe;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { store: claiming, replies, taken };
}
