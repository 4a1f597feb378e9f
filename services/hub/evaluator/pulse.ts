/** Wakes a loop: at once when something happened, at the latest after a while. */
export interface Pulse {
  beat(): void;
  /** Resolves at the next beat, also one that came since the last time, after the time given, or when the signal aborts. */
  next(afterMs: number, signal: AbortSignal): Promise<void>;
}

export function createPulse(): Pulse {
  let hasBeaten = false;
  let wake: (() => void) | undefined;
  return {
    beat() {
      hasBeaten = true;
      wake?.();
    },
    async next(afterMs, signal) {
      if (!hasBeaten && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, afterMs);
          const finish = (): void => {
            clearTimeout(timer);
            resolve();
          };
          wake = finish;
          signal.addEventListener('abort', finish, { once: true });
        });
        wake = undefined;
      }
      hasBeaten = false;
    },
  };
}
