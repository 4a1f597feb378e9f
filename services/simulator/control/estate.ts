import { Compile } from 'typebox/compile';
import type { Barrier } from '../barrier/barrier.ts';
import type { Camera } from '../camera/camera.ts';
import type { Device } from '../device/device.ts';
import {
  FAULT_NAMES,
  FAULT_OPTIONS,
  type Fault,
  type FaultName,
  GATE_FAULTS,
  isFaultName,
  PICTURE_FAULTS,
} from '../device/fault.ts';
import type { Door } from '../door/door.ts';
import type { Reader } from '../door/reader.ts';
import {
  CAMERA_EVENT_NAMES,
  CAMERA_EVENT_OPTIONS,
  type CameraEvent,
  type CameraEvents,
  isCameraEventName,
} from '../onvif/camera-events.ts';
import type { PtzDrive } from '../onvif/ptz-drive.ts';
import type { SceneName } from '../scene/scene-name.ts';
import { ControlError } from './control-error.ts';
import { actOnDoor, drive, presentTo, setBarrierInput } from './gate-actions.ts';

/** A device with what it is: one of `camera`, `barrier` and `door` is there. */
export interface SimulatedDevice {
  readonly device: Device;
  readonly onvifAddress: string;
  readonly camera?: Camera;
  /** What a camera tells by events. */
  readonly events?: CameraEvents;
  /** What a camera turns by. */
  readonly drive?: PtzDrive;
  readonly barrier?: Barrier;
  readonly door?: Door;
  /** What stands before a door. */
  readonly reader?: Reader;
}

const eventCheckers = Object.fromEntries(CAMERA_EVENT_NAMES.map((name) => [name, Compile(CAMERA_EVENT_OPTIONS[name])]));
const optionCheckers = Object.fromEntries(FAULT_NAMES.map((name) => [name, Compile(FAULT_OPTIONS[name])]));

/** All devices of the simulated estate, and what can be done to them: by the control API, the timeline and tests. */
export class Estate {
  readonly #devices: ReadonlyMap<string, SimulatedDevice>;
  readonly #loopFrames: number;
  readonly #signal: AbortSignal;
  #scene: SceneName;

  constructor(devices: readonly SimulatedDevice[], scene: SceneName, loopFrames: number, signal: AbortSignal) {
    this.#devices = new Map(devices.map((entry) => [entry.device.id, entry]));
    this.#scene = scene;
    this.#loopFrames = loopFrames;
    this.#signal = signal;
  }

  /**
   * Sets a fault, replacing one of the same name. Faults of the picture are on it when this returns (two seconds at most,
   * and the first time the time to render a clip).
   * @throws ControlError DEVICE_UNKNOWN, FAULT_UNKNOWN, FAULT_OPTIONS_INVALID, FAULT_NOT_SUPPORTED
   */
  async setFault(deviceId: string, faultName: string, options: unknown = {}): Promise<void> {
    const { device, camera } = this.#get(deviceId);
    const name = this.#faultName(faultName);
    if (GATE_FAULTS.includes(name) && camera !== undefined) {
      throw new ControlError('FAULT_NOT_SUPPORTED', `Device ${deviceId} is no gate.`);
    }
    if (PICTURE_FAULTS.includes(name) && camera === undefined) {
      throw new ControlError('FAULT_NOT_SUPPORTED', `Device ${deviceId} has no picture.`);
    }
    device.setFault(parseFault(name, options));
    if (PICTURE_FAULTS.includes(name)) await camera?.refreshPicture();
  }

  /** Ends a fault; one that is not set is no error. @throws ControlError DEVICE_UNKNOWN, FAULT_UNKNOWN */
  async clearFault(deviceId: string, faultName: string): Promise<void> {
    const { device, camera } = this.#get(deviceId);
    const name = this.#faultName(faultName);
    device.clearFault(name);
    if (PICTURE_FAULTS.includes(name)) await camera?.refreshPicture();
  }

  /**
   * Makes a camera tell something by its events; onvif/camera-events.ts lists what there is.
   * @throws ControlError DEVICE_UNKNOWN, EVENT_UNKNOWN, EVENT_OPTIONS_INVALID, ACTION_NOT_SUPPORTED
   */
  tell(deviceId: string, eventName: string, options: unknown): void {
    const { events } = this.#get(deviceId);
    if (events === undefined) throw new ControlError('ACTION_NOT_SUPPORTED', `Device ${deviceId} is no camera.`);
    if (!isCameraEventName(eventName)) {
      throw new ControlError('EVENT_UNKNOWN', `Events are ${CAMERA_EVENT_NAMES.join(', ')}.`);
    }
    if (eventCheckers[eventName]?.Check(options) !== true) {
      throw new ControlError('EVENT_OPTIONS_INVALID', `The options of ${eventName} are invalid.`);
    }
    events.tell({ name: eventName, ...(options as object) } as CameraEvent);
  }

  /** Opens a barrier's or a door's contact without its relay or its lock. @throws ControlError DEVICE_UNKNOWN, ACTION_NOT_SUPPORTED */
  force(deviceId: string): void {
    const { door } = this.#get(deviceId);
    if (door === undefined) this.#barrier(deviceId).force();
    else door.force();
  }

  /** Brings a barrier's arm down, shuts a door's leaf. @throws ControlError DEVICE_UNKNOWN, ACTION_NOT_SUPPORTED */
  closeBarrier(deviceId: string): void {
    const { door } = this.#get(deviceId);
    if (door === undefined) this.#barrier(deviceId).close();
    else door.close();
  }

  /**
   * Puts one of a gate's inputs on or off; control/gate-actions.ts lists them.
   * @throws ControlError DEVICE_UNKNOWN, ACTION_NOT_SUPPORTED, EVENT_UNKNOWN, EVENT_OPTIONS_INVALID
   */
  setInput(deviceId: string, name: string, options: unknown): void {
    const { door } = this.#get(deviceId);
    if (door === undefined) setBarrierInput(this.#barrier(deviceId), name, options);
    else actOnDoor(door, name, options);
  }

  /**
   * Presents something to a door's reader: `{factor, value}`.
   * @throws ControlError DEVICE_UNKNOWN, ACTION_NOT_SUPPORTED, EVENT_OPTIONS_INVALID
   */
  present(deviceId: string, presented: unknown): void {
    const { reader } = this.#get(deviceId);
    if (reader === undefined) throw new ControlError('ACTION_NOT_SUPPORTED', `Device ${deviceId} has no reader.`);
    presentTo(reader, presented);
  }

  /**
   * Sends vehicles to a barrier with loops; each waits until the arm is up.
   * @returns once the last has passed @throws ControlError DEVICE_UNKNOWN, ACTION_NOT_SUPPORTED, EVENT_OPTIONS_INVALID
   */
  drive(deviceId: string, options?: unknown): Promise<void> {
    return drive(this.#barrier(deviceId), options, this.#signal);
  }

  /** Changes what all cameras see. @returns once it is on their pictures */
  async showScene(scene: SceneName): Promise<void> {
    this.#scene = scene;
    await Promise.all([...this.#devices.values()].map(({ camera }) => camera?.showScene(scene)));
  }

  /** Everything that can be asked: devices, relay, contact, faults, sessions per stream and the picture shown now. */
  get state() {
    return {
      scene: this.#scene,
      loopFrames: this.#loopFrames,
      devices: [...this.#devices.values()].map(({ device, onvifAddress, camera, drive, barrier, door, reader }) => ({
        id: device.id,
        kind:
          camera !== undefined ? ('camera' as const) : door !== undefined ? ('door' as const) : ('barrier' as const),
        onvif: onvifAddress,
        clock: new Date(device.clock.nowMs()).toISOString(),
        faults: device.faults,
        ...(camera === undefined
          ? {}
          : {
              frameCounter: camera.feed.frameCounter,
              streams: Object.values(camera.streams).map(({ path, sessions }) => ({ path, ...sessions })),
            }),
        ...(drive === undefined ? {} : { ptz: { ...drive.position, isMoving: drive.isMoving } }),
        ...(barrier === undefined
          ? {}
          : { barrier: { ...barrier.state, toldToCloseOnVehicle: barrier.toldToCloseOnVehicle } }),
        ...(door === undefined ? {} : { door: door.state }),
        ...(reader === undefined ? {} : { reader: reader.state }),
      })),
    };
  }

  #get(deviceId: string): SimulatedDevice {
    const found = this.#devices.get(deviceId);
    if (found === undefined) throw new ControlError('DEVICE_UNKNOWN', `There is no device ${deviceId}.`);
    return found;
  }

  #barrier(deviceId: string): Barrier {
    const { barrier } = this.#get(deviceId);
    if (barrier === undefined) throw new ControlError('ACTION_NOT_SUPPORTED', `Device ${deviceId} is no barrier.`);
    return barrier;
  }

  #faultName(name: string): FaultName {
    if (!isFaultName(name)) throw new ControlError('FAULT_UNKNOWN', `Faults are ${FAULT_NAMES.join(', ')}.`);
    return name;
  }
}

/** `slow` without a delay means three seconds. */
function parseFault(name: FaultName, options: unknown): Fault {
  const isPlainObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  const filled = isPlainObject && name === 'slow' ? { delayMs: 3_000, ...options } : options;
  const checker = optionCheckers[name];
  if (!isPlainObject || checker?.Check(filled) !== true) {
    const problem = checker?.Errors(filled)[0];
    throw new ControlError(
      'FAULT_OPTIONS_INVALID',
      `The options of ${name} are invalid${problem === undefined ? '' : `: ${problem.instancePath || '/'} ${problem.message}`}.`,
    );
  }
  return { name, ...(filled as object) } as Fault;
}
