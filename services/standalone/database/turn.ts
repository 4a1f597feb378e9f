/** Hands one thing to one holder at a time, in the order in which they asked. */
export interface Turns {
  /** Resolves when it is the caller's turn, with the function that ends it; calling that twice does nothing. */
  take(): Promise<() => void>;
}

export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  return {
    take() {
      const previous = last;
      let end = (): void => undefined;
      last = new Promise<void>((resolve) => {
        end = resolve;
      });
      return previous.then(() => end);
    },
  };
}
