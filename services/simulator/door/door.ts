import { EventEmitter } from 'node:events';

/** ONVIF Door Control Service Specification, `DoorMode`. */
export type DoorMode = 'Locked' | 'Unlocked' | 'Accessed' | 'Blocked' | 'LockedDown' | 'LockedOpen' | 'DoubleLocked';

export interface DoorOptions {
  /** How long one access lasts unless it is asked for otherwise. */
  readonly accessTimeMs: number;
  readonly hasDoorMonitor: boolean;
  readonly hasLockMonitor: boolean;
  readonly canLockDown: boolean;
  /** Whether the bolt moves at all; the mode changes all the same. */
  readonly isJammed: () => boolean;
  readonly signal: AbortSignal;
}

export interface DoorState {
  readonly mode: DoorMode;
  readonly physical: 'Open' | 'Closed';
  readonly lock: 'Locked' | 'Unlocked';
  readonly alarm: 'Normal' | 'DoorForcedOpen';
  readonly isTampered: boolean;
}

interface DoorEvents {
  mode: [];
  physical: [];
  lock: [];
  alarm: [];
  tamper: [];
  button: [];
}

/** Something asked of the door that its mode does not allow. */
export class DoorDeniedError extends Error {
  constructor(mode: DoorMode) {
    super(`The door does not do that while it is ${mode}`);
    this.name = 'DoorDeniedError';
  }
}

const UNLOCKED_IN: readonly DoorMode[] = ['Unlocked', 'Accessed', 'LockedOpen'];

/**
 * A door with a lock, as ONVIF door control has it: what it is told is its mode; where the bolt and the leaf are is seen
 * by monitors of their own. The exit button is wired to the bolt, past everything.
 */
export class Door {
  readonly events = new EventEmitter<DoorEvents>();
  readonly options: DoorOptions;
  #state: DoorState = { mode: 'Locked', physical: 'Closed', lock: 'Locked', alarm: 'Normal', isTampered: false };
  #isPressed = false;
  #accessTimer: NodeJS.Timeout | undefined;

  constructor(options: DoorOptions) {
    this.options = options;
    options.signal.addEventListener('abort', () => clearTimeout(this.#accessTimer));
  }

  get state(): DoorState {
    return this.#state;
  }

  get isPressed(): boolean {
    return this.#isPressed;
  }

  /** Momentary access: unlocked for a time, then as before. @throws DoorDeniedError */
  access(accessTimeMs = this.options.accessTimeMs): void {
    const { mode } = this.#state;
    if (mode === 'Blocked' || mode === 'LockedDown') throw new DoorDeniedError(mode);
    if (mode === 'Unlocked' || mode === 'LockedOpen') return;
    clearTimeout(this.#accessTimer);
    this.#accessTimer = setTimeout(() => this.#enter('Locked'), accessTimeMs);
    this.#enter('Accessed');
  }

  /** Locked, unlocked, blocked: until something else is asked. @throws DoorDeniedError from the two that need a release */
  turn(mode: 'Locked' | 'Unlocked' | 'Blocked' | 'DoubleLocked'): void {
    if (this.#state.mode === 'LockedDown' || this.#state.mode === 'LockedOpen')
      throw new DoorDeniedError(this.#state.mode);
    this.#enter(mode);
  }

  /** Locked down or locked open until released. @throws DoorDeniedError from the other one */
  hold(mode: 'LockedDown' | 'LockedOpen'): void {
    const other = mode === 'LockedDown' ? 'LockedOpen' : 'LockedDown';
    if (this.#state.mode === other) throw new DoorDeniedError(other);
    this.#enter(mode);
  }

  /** @throws DoorDeniedError when it is not held so */
  release(mode: 'LockedDown' | 'LockedOpen'): void {
    if (this.#state.mode !== mode) throw new DoorDeniedError(this.#state.mode);
    this.#enter('Locked');
  }

  /** Somebody pushes the leaf; it opens when it is not locked. */
  push(): void {
    if (this.#state.lock === 'Unlocked' || this.#isPressed) this.#change('physical', { physical: 'Open' });
  }

  /** Somebody breaks it open. */
  force(): void {
    this.#change('physical', { physical: 'Open' });
    if (this.#state.lock === 'Locked') this.#change('alarm', { alarm: 'DoorForcedOpen' });
  }

  close(): void {
    this.#change('physical', { physical: 'Closed' });
    this.#change('alarm', { alarm: 'Normal' });
  }

  press(isPressed: boolean): void {
    if (this.#isPressed === isPressed) return;
    this.#isPressed = isPressed;
    this.events.emit('button');
    this.#moveBolt();
  }

  tamper(isTampered: boolean): void {
    this.#change('tamper', { isTampered });
  }

  #enter(mode: DoorMode): void {
    if (mode !== 'Accessed') clearTimeout(this.#accessTimer);
    this.#change('mode', { mode });
    this.#moveBolt();
  }

  #moveBolt(): void {
    const isUnlocked = UNLOCKED_IN.includes(this.#state.mode) || this.#isPressed;
    if (!this.options.isJammed()) this.#change('lock', { lock: isUnlocked ? 'Unlocked' : 'Locked' });
  }

  #change(name: keyof DoorEvents, next: Partial<DoorState>): void {
    const before = this.#state;
    this.#state = { ...before, ...next };
    const isSame = (Object.keys(next) as (keyof DoorState)[]).every((key) => before[key] === this.#state[key]);
    if (!isSame) this.events.emit(name);
  }
}
