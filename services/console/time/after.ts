/** Runs something once, later; returns how to call it off. A page's timers and a test's are passed the same way. */
export type After = (delayMs: number, run: () => void) => () => void;

/** The browser's own timers. */
export const browserAfter: After = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};
