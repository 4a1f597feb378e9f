import type { Device } from '../device/device.ts';

export interface PtzPosition {
  /** -1 to 1. */
  readonly pan: number;
  readonly tilt: number;
  /** 0 to 1. */
  readonly zoom: number;
}

export interface SimulatedPreset {
  readonly token: string;
  readonly name: string;
  readonly position: PtzPosition;
}

const STILL: PtzPosition = { pan: 0, tilt: 0, zoom: 0 };
/** Full speed, shares of the whole way per second: five seconds from one end to the other. */
const SPEED_PER_SEC = 0.4;
/** A preset is reached within so long, from wherever the camera looks. */
const GOTO_MS = 300;
export const MAX_SIMULATED_PRESETS = 8;

/**
 * A camera's drive, which moves by the device's true clock. Its faults: `ptz-runaway` keeps to no time and stops when told
 * to; `ptz-deaf` does not stop when told to, but when its time is over; `ptz-stuck` says yes to everything and stands still.
 */
export class PtzDrive {
  readonly #device: Device;
  #from: PtzPosition = STILL;
  #velocity: PtzPosition = STILL;
  #sinceMs: number;
  #untilMs = 0;
  #presets: SimulatedPreset[] = [];
  #nextPreset = 1;
  /** Every ContinuousMove that was taken, newest last: what tests count. */
  readonly moves: { readonly atMs: number; readonly velocity: PtzPosition; readonly timeoutMs: number | undefined }[] =
    [];

  constructor(device: Device) {
    this.#device = device;
    this.#sinceMs = device.trueClock();
  }

  get isMoving(): boolean {
    const moving = Object.values(this.#velocity).some((speed) => speed !== 0);
    return moving && this.#device.trueClock() < this.#untilMs;
  }

  get position(): PtzPosition {
    const untilMs = Math.min(this.#device.trueClock(), this.#untilMs);
    const seconds = Math.max(0, untilMs - this.#sinceMs) / 1_000;
    const at = (axis: keyof PtzPosition, min: number): number =>
      Math.min(1, Math.max(min, this.#from[axis] + this.#velocity[axis] * SPEED_PER_SEC * seconds));
    return { pan: at('pan', -1), tilt: at('tilt', -1), zoom: at('zoom', 0) };
  }

  get presets(): readonly SimulatedPreset[] {
    return this.#presets;
  }

  /** @param timeoutMs undefined where the request named none: then it moves until it is stopped */
  move(velocity: PtzPosition, timeoutMs: number | undefined): void {
    this.moves.push({ atMs: this.#device.trueClock(), velocity, timeoutMs });
    const isKept = timeoutMs !== undefined && !this.#device.hasFault('ptz-runaway');
    this.#begin(velocity, isKept ? timeoutMs : Number.POSITIVE_INFINITY);
  }

  stop(): void {
    if (!this.#device.hasFault('ptz-deaf')) this.#begin(STILL, 0);
  }

  /** @returns whether there is such a preset */
  goTo(token: string): boolean {
    const preset = this.#presets.find((each) => each.token === token);
    if (preset === undefined) return false;
    if (this.#device.hasFault('ptz-stuck')) return true;
    const here = this.position;
    const speed = (axis: keyof PtzPosition): number =>
      ((preset.position[axis] - here[axis]) / SPEED_PER_SEC / GOTO_MS) * 1_000;
    this.#begin({ pan: speed('pan'), tilt: speed('tilt'), zoom: speed('zoom') }, GOTO_MS);
    return true;
  }

  /** @returns its token; undefined when no more fit */
  setPreset(name: string): string | undefined {
    if (this.#presets.length >= MAX_SIMULATED_PRESETS) return undefined;
    const token = `preset-${this.#nextPreset++}`;
    this.#presets = [...this.#presets, { token, name, position: this.position }];
    return token;
  }

  removePreset(token: string): boolean {
    const kept = this.#presets.filter((preset) => preset.token !== token);
    const isRemoved = kept.length < this.#presets.length;
    this.#presets = kept;
    return isRemoved;
  }

  #begin(velocity: PtzPosition, forMs: number): void {
    this.#from = this.position;
    this.#sinceMs = this.#device.trueClock();
    this.#velocity = this.#device.hasFault('ptz-stuck') ? STILL : velocity;
    this.#untilMs = this.#sinceMs + forMs;
  }
}
