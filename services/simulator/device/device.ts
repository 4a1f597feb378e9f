import { EventEmitter } from 'node:events';
import type { Credentials } from '../auth/digest.ts';
import { DeviceClock, type TrueClock } from './device-clock.ts';
import type { Fault, FaultName } from './fault.ts';

export interface DeviceIdentity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmwareVersion: string;
  readonly serialNumber: string;
}

export interface DeviceOptions {
  readonly id: string;
  readonly identity: DeviceIdentity;
  readonly credentials: Credentials;
  readonly trueClock: TrueClock;
}

interface DeviceEvents {
  /** The device lost its connections: unplugged, or restarted after a change of its password. */
  cut: [{ readonly isUnplugged: boolean }];
  /** The device forgets who had subscribed to its events. */
  'subscriptions-dropped': [];
}

/** What every device has: an identity, credentials, a clock of its own and things that go wrong. */
export class Device {
  readonly id: string;
  readonly identity: DeviceIdentity;
  readonly clock: DeviceClock;
  readonly trueClock: TrueClock;
  readonly events = new EventEmitter<DeviceEvents>();
  readonly #credentials: Credentials;
  readonly #faults = new Map<FaultName, Fault>();

  constructor({ id, identity, credentials, trueClock }: DeviceOptions) {
    this.id = id;
    this.identity = identity;
    this.trueClock = trueClock;
    this.clock = new DeviceClock(trueClock);
    this.#credentials = credentials;
  }

  get faults(): readonly Fault[] {
    return [...this.#faults.values()];
  }

  get isUnplugged(): boolean {
    return this.#faults.has('unplug');
  }

  get slowness(): { readonly delayMs: number; readonly bytesPerSec?: number } {
    const fault = this.#faults.get('slow');
    return fault?.name === 'slow' ? fault : { delayMs: 0 };
  }

  /** How long an answer is kept back once what was asked is done. */
  get answerDelayMs(): number {
    const fault = this.#faults.get('late-answers');
    return fault?.name === 'late-answers' ? fault.delayMs : 0;
  }

  /** How often each notification is sent. */
  get eventRepeats(): number {
    const fault = this.#faults.get('repeat-events');
    return fault?.name === 'repeat-events' ? fault.times : 1;
  }

  /** What the device accepts at present; with the fault `wrong-password` nothing a client could know. */
  get credentials(): Credentials {
    if (!this.#faults.has('wrong-password')) return this.#credentials;
    return { username: this.#credentials.username, password: `${this.#credentials.password} changed` };
  }

  hasFault(name: FaultName): boolean {
    return this.#faults.has(name);
  }

  setFault(fault: Fault): void {
    this.#faults.set(fault.name, fault);
    if (fault.name === 'clock-offset') this.clock.offsetMs = fault.seconds * 1_000;
    if (fault.name === 'unplug' || fault.name === 'wrong-password') {
      this.events.emit('cut', { isUnplugged: fault.name === 'unplug' });
    }
    if (fault.name === 'drop-subscriptions') this.events.emit('subscriptions-dropped');
  }

  clearFault(name: FaultName): void {
    this.#faults.delete(name);
    if (name === 'clock-offset') this.clock.offsetMs = 0;
  }
}
