import type { Priority } from '@dipper/contract/api/alarm';

/** Tones in Hz, one after the other: rising and more of them the sooner somebody has to act. */
const TONES: Record<Priority, readonly number[]> = {
  critical: [880, 1175, 880, 1175],
  high: [784, 988],
  medium: [659],
  low: [],
};
const BLIND_TONES = [330, 247];
const TONE_SEC = 0.18;
const GAP_SEC = 0.06;
const LOUDNESS = 0.25;

export interface AlarmSound {
  isOn(): boolean;
  /** Browsers allow sound only after a click, so this has to be called from one. */
  turnOn(): void;
  turnOff(): void;
  chime(priority: Priority): void;
  /** The page does not hear the hub any more. */
  warnBlind(): void;
  subscribe(listener: () => void): () => void;
}

/** Short tones made on the spot: no file has to be fetched while an alarm waits. Off until allowed by a click. */
export function createAlarmSound(openContext: () => AudioContext): AlarmSound {
  const listeners = new Set<() => void>();
  let context: AudioContext | undefined;
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const play = (tones: readonly number[]): void => {
    if (context === undefined) return;
    let atSec = context.currentTime + 0.02;
    for (const hertz of tones) {
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      oscillator.frequency.value = hertz;
      // A tone that starts or stops at full loudness clicks.
      gain.gain.setValueAtTime(0, atSec);
      gain.gain.linearRampToValueAtTime(LOUDNESS, atSec + 0.02);
      gain.gain.linearRampToValueAtTime(0, atSec + TONE_SEC);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(atSec);
      oscillator.stop(atSec + TONE_SEC);
      atSec += TONE_SEC + GAP_SEC;
    }
  };
  return {
    isOn: () => context !== undefined,
    turnOn() {
      context ??= openContext();
      void context.resume();
      play(TONES.medium);
      changed();
    },
    turnOff() {
      void context?.close();
      context = undefined;
      changed();
    },
    chime: (priority) => play(TONES[priority]),
    warnBlind: () => play(BLIND_TONES),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
