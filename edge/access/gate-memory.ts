import type { LockState } from '@dipper/contract/door-action';
import type { InputRole } from './driver.ts';
import type { DoorMode, GateSignal } from './gate-signal.ts';

/** What a line said last, and when: also when it said the same again. Times are of one monotonic clock, milliseconds. */
export interface Seen<T> {
  readonly state: T;
  readonly atMs: number;
}

export interface GateLinesSeen {
  readonly relay: Seen<'active' | 'inactive'> | undefined;
  readonly contact: Seen<'open' | 'closed'> | undefined;
  readonly lock: Seen<LockState> | undefined;
  readonly mode: Seen<DoorMode> | undefined;
  readonly inputs: ReadonlyMap<InputRole, Seen<boolean>>;
}

export interface GateMemory {
  readonly lines: GateLinesSeen;
  take(signal: GateSignal, nowMs: number): void;
  /** Nothing is known any more: the controller is gone. */
  forget(): void;
  /** Settles with true as soon as the lines are as wanted, with false after `timeoutMs` or when the signal aborts. */
  until(isSo: (lines: GateLinesSeen) => boolean, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  /** @returns how to stop listening */
  onChange(listener: () => void): () => void;
}

const NOTHING: GateLinesSeen = {
  relay: undefined,
  contact: undefined,
  lock: undefined,
  mode: undefined,
  inputs: new Map(),
};

/** Remembers what a gate's lines said last, and lets others wait for what they say next. */
export function createGateMemory(): GateMemory {
  let lines: GateLinesSeen = NOTHING;
  const listeners = new Set<() => void>();

  function set(next: GateLinesSeen): void {
    lines = next;
    for (const listener of [...listeners]) listener();
  }

  function onChange(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  return {
    get lines() {
      return lines;
    },
    take(signal, nowMs) {
      if (signal.line === 'input') {
        const inputs = new Map(lines.inputs).set(signal.role, { state: signal.isActive, atMs: nowMs });
        set({ ...lines, inputs });
      } else {
        set({ ...lines, [signal.line]: { state: signal.state, atMs: nowMs } });
      }
    },
    forget: () => set(NOTHING),
    until(isSo, timeoutMs, signal) {
      if (isSo(lines)) return Promise.resolve(true);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const stopListening = onChange(() => isSo(lines) && finish(true));
      const giveUp = () => finish(false);
      const timer = setTimeout(giveUp, Math.max(0, timeoutMs));
      signal?.addEventListener('abort', giveUp, { once: true });
      function finish(outcome: boolean): void {
        clearTimeout(timer);
        stopListening();
        signal?.removeEventListener('abort', giveUp);
        resolve(outcome);
      }
      if (signal?.aborted === true) giveUp();
      return promise;
    },
    onChange,
  };
}
