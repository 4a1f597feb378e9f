import { EventEmitter } from 'node:events';

export type ArmState = 'down' | 'rising' | 'up' | 'lowering';
export type ContactState = 'closed' | 'open';
export type RelayState = 'active' | 'inactive';

export interface BarrierOptions {
  /** Time the arm takes from down to up, and back. */
  readonly travelMs: number;
  /** Time the arm stays up before it comes down by itself. */
  readonly holdOpenMs: number;
  /** The relay is monostable: it falls back by itself after this time (ONVIF DeviceIO, DelayTime). */
  readonly relayPulseMs: number;
  readonly signal: AbortSignal;
}

interface BarrierEvents {
  relay: [RelayState];
  contact: [ContactState];
}

/**
 * A barrier: a relay that opens it, an arm that takes its time, and a contact that says whether the arm is down.
 * The contact, not the relay, says whether the way is open.
 */
export class Barrier {
  readonly events = new EventEmitter<BarrierEvents>();
  readonly options: BarrierOptions;
  #relay: RelayState = 'inactive';
  #contact: ContactState = 'closed';
  #arm: ArmState = 'down';
  #isForced = false;
  #relayTimer: NodeJS.Timeout | undefined;
  #armTimer: NodeJS.Timeout | undefined;

  constructor(options: BarrierOptions) {
    this.options = options;
    options.signal.addEventListener('abort', () => {
      clearTimeout(this.#relayTimer);
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

  /** Drives the relay's coil; active opens the barrier, inactive only lets the relay fall. */
  setRelay(state: RelayState): void {
    clearTimeout(this.#relayTimer);
    if (state === 'active') {
      this.#relayTimer = setTimeout(() => this.#changeRelay('inactive'), this.options.relayPulseMs);
      this.#raise();
    }
    this.#changeRelay(state);
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
    clearTimeout(this.#armTimer);
    this.#arm = 'lowering';
    this.#armTimer = setTimeout(() => {
      this.#arm = 'down';
      this.#isForced = false;
      this.#changeContact('closed');
    }, this.options.travelMs);
  }

  #raise(): void {
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
    this.#armTimer = setTimeout(() => this.close(), this.options.holdOpenMs);
  }

  #changeRelay(state: RelayState): void {
    if (this.#relay === state) return;
    this.#relay = state;
    this.events.emit('relay', state);
  }

  #changeContact(state: ContactState): void {
    if (this.#contact === state) return;
    this.#contact = state;
    this.events.emit('contact', state);
  }
}
