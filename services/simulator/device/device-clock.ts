/** The true time, monotonic within a run, in milliseconds since 1970. Tests may pass their own. */
export type TrueClock = () => number;

export const systemClock: TrueClock = () => performance.timeOrigin + performance.now();

/** A device's own clock, which may be wrong: everything the device says about time comes from here. */
export class DeviceClock {
  readonly #trueClock: TrueClock;
  /** How much the device is ahead of the true time. */
  offsetMs = 0;

  constructor(trueClock: TrueClock) {
    this.#trueClock = trueClock;
  }

  nowMs(): number {
    return this.#trueClock() + this.offsetMs;
  }
}
