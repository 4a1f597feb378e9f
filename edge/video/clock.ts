/** Time as video uses it, so that a test can move it. */
export interface VideoClock {
  /** The machine's wall clock, milliseconds since 1970. It may jump. */
  nowMs(): number;
  /** Milliseconds since some start; never jumps, never goes back. */
  monotonicMs(): number;
}
