import type { LockState } from '@dipper/contract/door-action';
import type { InputRole } from './driver.ts';
import type { DoorMode, GateSignal } from './gate-signal.ts';

/** What a line said last, and when: also when it said the same again. Times are of one monotonic clock, milliseconds. */
export interface Seen<T> {
  readonly state: T;
  readonly atMs: number;
}

/** An input's word comes late when its controller or the network is slow. */
export interface SeenInput extends Seen<boolean> {
  /** When it was so at the earliest: at this moment or later. Undefined when the controller may have said more since. */
  readonly asOfMs: number | undefined;
}

export interface GateLinesSeen {
  readonly relay: Seen<'active' | 'inactive'> | undefined;
  readonly contact: Seen<'open' | 'closed'> | undefined;
  readonly lock: Seen<LockState> | undefined;
  readonly mode: Seen<DoorMode> | undefined;
  readonly inputs: ReadonlyMap<InputRole, SeenInput>;
}

export interface GateMemory {
  readonly lines: GateLinesSeen;
  /** @param asOfMs see SeenInput */
  take(signal: GateSignal, nowMs: number, asOfMs: number | undefined): void;
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
    take(signal, nowMs, asOfMs) {
      if (signal.line === 'input') {
        const inputs = new Map(lines.inputs).set(signal.role, { state: signal.isActive, atMs: nowMs, asOfMs });
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
