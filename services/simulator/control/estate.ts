import { Compile } from 'typebox/compile';
import type { Barrier } from '../barrier/barrier.ts';
import type { Camera } from '../camera/camera.ts';
import type { Device } from '../device/device.ts';
import {
  FAULT_NAMES,
  FAULT_OPTIONS,
  type Fault,
  type FaultName,
  isFaultName,
  PICTURE_FAULTS,
} from '../device/fault.ts';
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

/** A device with what it is; `camera` or `barrier` is there, never both. */
export interface SimulatedDevice {
  readonly device: Device;
  readonly onvifAddress: string;
  readonly camera?: Camera;
  /** What a camera tells by events. */
  readonly events?: CameraEvents;
  /** What a camera turns by. */
  readonly drive?: PtzDrive;
  readonly barrier?: Barrier;
}

const eventCheckers = Object.fromEntries(CAMERA_EVENT_NAMES.map((name) => [name, Compile(CAMERA_EVENT_OPTIONS[name])]));
const optionCheckers = Object.fromEntries(FAULT_NAMES.map((name) => [name, Compile(FAULT_OPTIONS[name])]));

/** All devices of the simulated estate, and what can be done to them: by the control API, the timeline and tests. */
export class Estate {
  readonly #devices: ReadonlyMap<string, SimulatedDevice>;
  readonly #loopFrames: number;
  #scene: SceneName;

  constructor(devices: readonly SimulatedDevice[], scene: SceneName, loopFrames: number) {
    this.#devices = new Map(devices.map((entry) => [entry.device.id, entry]));
    this.#scene = scene;
    this.#loopFrames = loopFrames;
  }

  /**
   * Sets a fault, replacing one of the same name. Faults of the picture are on it when this returns (two seconds at most,
   * and the first time the time to render a clip).
   * @throws ControlError DEVICE_UNKNOWN, FAULT_UNKNOWN, FAULT_OPTIONS_INVALID, FAULT_NOT_SUPPORTED
   */
  async setFault(deviceId: string, faultName: string, options: unknown = {}): Promise<void> {
    const { device, camera } = this.#get(deviceId);
    const name = this.#faultName(faultName);
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

  /** Opens a barrier's contact without its relay. @throws ControlError DEVICE_UNKNOWN, ACTION_NOT_SUPPORTED */
  force(deviceId: string): void {
    this.#barrier(deviceId).force();
  }

  /** Brings a barrier's arm down. @throws ControlError DEVICE_UNKNOWN, ACTION_NOT_SUPPORTED */
  closeBarrier(deviceId: string): void {
    this.#barrier(deviceId).close();
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
      devices: [...this.#devices.values()].map(({ device, onvifAddress, camera, drive, barrier }) => ({
        id: device.id,
        kind: camera === undefined ? ('barrier' as const) : ('camera' as const),
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
        ...(barrier === undefined ? {} : { barrier: barrier.state }),
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
