/**
 * How long after a stream was opened its stamps are believed to be the camera's own: until the first RTCP sender report,
 * which comes within seconds, they are this machine's, and the change from one to the other is no step.
 */
const SETTLED_AFTER_MS = 15_000;
/** Quartz drifts by 100 ppm at worst, and stamps jitter by tens of milliseconds; this is somebody's hand, or NTP's. */
const STEP_MS = 1_000;

/** Notices when a camera's clock is set, also while its stream was away. */
export class SenderSteps {
  #openedAtMs = 0;
  #aheadMs: number | undefined;

  opened(monotonicMs: number): void {
    this.#openedAtMs = monotonicMs;
  }

  /**
   * @param aheadMs the camera's time minus this machine's monotonic one: a step of our own clock is none of the camera's
   * @returns by how much its clock was set just now; undefined when it was not
   */
  observe(monotonicMs: number, aheadMs: number): number | undefined {
    if (monotonicMs - this.#openedAtMs < SETTLED_AFTER_MS) return undefined;
    const stepMs = aheadMs - (this.#aheadMs ?? aheadMs);
    this.#aheadMs = aheadMs;
    return Math.abs(stepMs) >= STEP_MS ? Math.round(stepMs) : undefined;
  }
}
