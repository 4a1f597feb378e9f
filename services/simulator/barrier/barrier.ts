import { EventEmitter } from 'node:events';

export type ArmState = 'down' | 'rising' | 'up' | 'lowering';
export type ContactState = 'closed' | 'open';
export type RelayState = 'active' | 'inactive';

/** What a barrier with loops is wired to besides its contact, by name. */
export const BARRIER_INPUTS = ['entry-loop', 'arm-loop', 'exit-loop', 'fire', 'exit-button'] as const;
export type BarrierInput = (typeof BARRIER_INPUTS)[number];

export interface BarrierOptions {
  /** Time the arm takes from down to up, and back. */
  readonly travelMs: number;
  /** Time the arm stays up before it comes down by itself; one that is brought down by a relay does not. */
  readonly holdOpenMs: number;
  /** A monostable relay falls back by itself after this time (ONVIF DeviceIO, DelayTime). */
  readonly relayPulseMs: number;
  /** `bistable`: the arm is up while the relay is active. Default: monostable. */
  readonly relayMode?: 'monostable' | 'bistable';
  /** Whether a second relay brings the arm down. */
  readonly hasCloseRelay?: boolean;
  /** Whether there are loops, a fire input and an exit button. */
  readonly hasLoops?: boolean;
  /** Whether the arm moves at all. */
  readonly isJammed?: () => boolean;
  readonly signal: AbortSignal;
}

interface BarrierEvents {
  relay: [RelayState];
  'close-relay': [RelayState];
  contact: [ContactState];
  input: [BarrierInput, boolean];
}

/**
 * A barrier: a relay that opens it, an arm that takes its time, and a contact that says whether the arm is down.
 * The contact, not the relay, says whether the way is open. Its own wires raise the arm in a fire, by the exit button, and
 * when it comes down on something.
 */
export class Barrier {
  readonly events = new EventEmitter<BarrierEvents>();
  readonly options: BarrierOptions;
  /** How often it was told to lower the arm while something stood under it: what must never happen. */
  toldToCloseOnVehicle = 0;
  #relay: RelayState = 'inactive';
  #closeRelay: RelayState = 'inactive';
  #contact: ContactState = 'closed';
  #arm: ArmState = 'down';
  #isForced = false;
  #relayTimer: NodeJS.Timeout | undefined;
  #closeRelayTimer: NodeJS.Timeout | undefined;
  #armTimer: NodeJS.Timeout | undefined;
  readonly #inputs = new Map<BarrierInput, boolean>();

  constructor(options: BarrierOptions) {
    this.options = options;
    options.signal.addEventListener('abort', () => {
      clearTimeout(this.#relayTimer);
      clearTimeout(this.#closeRelayTimer);
      clearTimeout(this.#armTimer);
    });
  }

  get state(): {
    readonly relay: RelayState;
    readonly contact: ContactState;
    readonly arm: ArmState;
    readonly isForced: boolean;
  } {
    return { relay: this.#relay, contact: this.#contact, arm: this.#arm, isForced: this.#isForced };
  }

  get closeRelay(): RelayState {
    return this.#closeRelay;
  }

  isOn(input: BarrierInput): boolean {
    return this.#inputs.get(input) === true;
  }

  /** Drives the relay's coil; active opens the barrier, inactive lets the relay fall, and with a bistable one the arm. */
  setRelay(state: RelayState): void {
    clearTimeout(this.#relayTimer);
    const isBistable = this.options.relayMode === 'bistable';
    if (state === 'active') {
      if (!isBistable) {
        this.#relayTimer = setTimeout(() => this.#changeRelay('inactive'), this.options.relayPulseMs);
      }
      this.#raise();
    }
    const isFalling = isBistable && state === 'inactive' && this.#relay === 'active';
    this.#changeRelay(state);
    if (isFalling) this.#lowerByCommand();
  }

  /** Drives the coil of the relay that brings the arm down. */
  setCloseRelay(state: RelayState): void {
    clearTimeout(this.#closeRelayTimer);
    if (state === 'active') {
      this.#closeRelayTimer = setTimeout(() => this.#changeCloseRelay('inactive'), this.options.relayPulseMs);
      this.#lowerByCommand();
    }
    this.#changeCloseRelay(state);
  }

  /** A vehicle drives onto a loop or off it, it burns, somebody presses the button. */
  setInput(input: BarrierInput, isOn: boolean): void {
    if (this.isOn(input) === isOn) return;
    this.#inputs.set(input, isOn);
    this.events.emit('input', input, isOn);
    if (isOn && (input === 'fire' || input === 'exit-button')) this.#raise();
    if (isOn && input === 'arm-loop' && this.#arm === 'lowering') this.#raise();
  }

  /** Somebody lifts the arm by hand: the contact opens and the relay never moved. It stays up until closed. */
  force(): void {
    clearTimeout(this.#armTimer);
    this.#isForced = true;
    this.#arm = 'up';
    this.#changeContact('open');
  }

  /** Brings the arm down. */
  close(): void {
    if (this.#arm === 'down' || this.#arm === 'lowering') return;
    if (this.options.isJammed?.() === true || this.isOn('fire') || this.isOn('arm-loop')) return;
    clearTimeout(this.#armTimer);
    this.#arm = 'lowering';
    this.#armTimer = setTimeout(() => {
      this.#arm = 'down';
      this.#isForced = false;
      this.#changeContact('closed');
    }, this.options.travelMs);
  }

  #lowerByCommand(): void {
    if (this.isOn('arm-loop')) this.toldToCloseOnVehicle += 1;
    this.close();
  }

  #raise(): void {
    if (this.options.isJammed?.() === true) return;
    clearTimeout(this.#armTimer);
    this.#isForced = false;
    if (this.#arm === 'up') {
      this.#holdOpen();
      return;
    }
    this.#arm = 'rising';
    this.#changeContact('open');
    this.#armTimer = setTimeout(() => this.#holdOpen(), this.options.travelMs);
  }

  #holdOpen(): void {
    this.#arm = 'up';
    if (this.options.relayMode === 'bistable' || this.options.hasCloseRelay === true) return;
    this.#armTimer = setTimeout(() => this.#comeDown(), this.options.holdOpenMs);
  }

  /** By itself, once nothing stands under it. */
  #comeDown(): void {
    this.close();
    if (this.#arm === 'up') this.#holdOpen();
  }

  #changeRelay(state: RelayState): void {
    if (this.#relay === state) return;
    this.#relay = state;
    this.events.emit('relay', state);
  }

  #changeCloseRelay(state: RelayState): void {
    if (this.#closeRelay === state) return;
    this.#closeRelay = state;
    this.events.emit('close-relay', state);
  }

  #changeContact(state: ContactState): void {
    if (this.#contact === state) return;
    this.#contact = state;
    this.events.emit('contact', state);
  }
}
