/** One place between a fast giver and a slow taker: a newer value takes the place of one that nobody has taken yet. */
export interface LatestValue<T> {
  put(value: T): void;
  /** Resolves with the newest value once there is one; undefined at the end. One taker at a time. */
  take(): Promise<T | undefined>;
  /** No more values; whoever waits gets undefined. */
  end(): void;
  /** No value waits to be taken. */
  readonly isEmpty: boolean;
  /** Values that nobody took. */
  readonly dropped: number;
}

export function createLatestValue<T>(): LatestValue<T> {
  let held: { readonly value: T } | undefined;
  let waiting: ((value: T | undefined) => void) | undefined;
  let isEnded = false;
  let dropped = 0;

  return {
    put(value) {
      if (isEnded) return;
      if (waiting !== undefined) {
        waiting(value);
        waiting = undefined;
        return;
      }
      if (held !== undefined) dropped++;
      held = { value };
    },
    take() {
      const value = held?.value;
      held = undefined;
      if (value !== undefined || isEnded) return Promise.resolve(value);
      const { promise, resolve } = Promise.withResolvers<T | undefined>();
      waiting = resolve;
      return promise;
    },
    end() {
      isEnded = true;
      held = undefined;
      waiting?.(undefined);
      waiting = undefined;
    },
    get isEmpty() {
      return held === undefined;
    },
    get dropped() {
      return dropped;
    },
  };
}
