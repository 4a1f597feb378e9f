import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { BARRIER_INPUTS, type Barrier, type BarrierInput } from '../barrier/barrier.ts';
import { driveVehicles, VehicleOptions } from '../barrier/vehicles.ts';
import type { Door } from '../door/door.ts';
import { Presented, type Reader } from '../door/reader.ts';
import { ControlError } from './control-error.ts';

const InputOptions = Type.Object({ active: Type.Boolean() }, { additionalProperties: false });
const inputOptions = Compile(InputOptions);
const presentedOptions = Compile(Presented);
const vehicleOptions = Compile(VehicleOptions);

function isBarrierInput(name: string): name is BarrierInput {
  return (BARRIER_INPUTS as readonly string[]).includes(name);
}

/** Puts an input of a barrier on or off. @throws ControlError EVENT_UNKNOWN, EVENT_OPTIONS_INVALID, ACTION_NOT_SUPPORTED */
export function setBarrierInput(barrier: Barrier, name: string, options: unknown): void {
  if (barrier.options.hasLoops !== true) {
    throw new ControlError('ACTION_NOT_SUPPORTED', 'This barrier has no loops: set loops in its configuration.');
  }
  if (!isBarrierInput(name)) throw new ControlError('EVENT_UNKNOWN', `Inputs are ${BARRIER_INPUTS.join(', ')}.`);
  barrier.setInput(name, activeFrom(options));
}

/**
 * Lets vehicles drive up to a barrier and through it. @returns once the last has passed; the caller decides whether to wait
 * @throws ControlError ACTION_NOT_SUPPORTED, EVENT_OPTIONS_INVALID
 */
export function drive(barrier: Barrier, options: unknown, signal: AbortSignal): Promise<void> {
  if (barrier.options.hasLoops !== true) {
    throw new ControlError('ACTION_NOT_SUPPORTED', 'This barrier has no loops: set loops in its configuration.');
  }
  const asked = options ?? {};
  if (!vehicleOptions.Check(asked)) {
    throw new ControlError('EVENT_OPTIONS_INVALID', 'Options are from (outside, inside), vehicles and stepMs.');
  }
  return driveVehicles(barrier, asked as VehicleOptions, signal);
}

const DOOR_ACTIONS: Readonly<Record<string, (door: Door, isActive: boolean) => void>> = {
  'exit-button': (door, isActive) => door.press(isActive),
  leaf: (door, isActive) => (isActive ? door.push() : door.close()),
  tamper: (door, isActive) => door.tamper(isActive),
};

/** Presses a door's button, pushes its leaf, tampers with it, or stops doing so. @throws ControlError */
export function actOnDoor(door: Door, name: string, options: unknown): void {
  if (!Object.hasOwn(DOOR_ACTIONS, name)) {
    throw new ControlError('EVENT_UNKNOWN', `Inputs of a door are ${Object.keys(DOOR_ACTIONS).join(', ')}.`);
  }
  DOOR_ACTIONS[name]?.(door, activeFrom(options));
}

/** Holds something up to a reader. @throws ControlError EVENT_OPTIONS_INVALID */
export function presentTo(reader: Reader, presented: unknown): void {
  if (!presentedOptions.Check(presented)) {
    throw new ControlError('EVENT_OPTIONS_INVALID', 'The body is {"factor": "card"|"pin"|"qr"|"plate", "value": …}.');
  }
  reader.present(presented as Presented);
}

function activeFrom(options: unknown): boolean {
  if (!inputOptions.Check(options))
    throw new ControlError('EVENT_OPTIONS_INVALID', 'The body is {"active": true|false}.');
  return (options as Static<typeof InputOptions>).active;
}
