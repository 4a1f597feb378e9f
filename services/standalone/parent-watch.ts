/** How often we look whether whoever started us is still there. */
const EVERY_MS = 1_000;

/**
 * Calls back once when the process that started this one (npm: its scripts `exec` us) is gone: the system then gives us
 * another parent. A signal
 * would not reach us when npm or its shell is ended by SIGKILL, and we and our children would stay behind.
 */
export function watchParent(onGone: () => void, signal: AbortSignal): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, EVERY_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
