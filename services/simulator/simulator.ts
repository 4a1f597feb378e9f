import { join } from 'node:path';
import { Barrier } from './barrier/barrier.ts';
import { Camera } from './camera/camera.ts';
import { takeSnapshot } from './camera/snapshot.ts';
import type {
  BarrierDeviceConfig,
  CameraDeviceConfig,
  DeviceConfig,
  DoorDeviceConfig,
  SimulatorConfig,
} from './config/config.ts';
import { ControlServer } from './control/control-server.ts';
import { Estate, type SimulatedDevice } from './control/estate.ts';
import { startTimeline } from './control/timeline.ts';
import { Device } from './device/device.ts';
import { systemClock } from './device/device-clock.ts';
import { Door, DoorDeniedError } from './door/door.ts';
import { Reader } from './door/reader.ts';
import { createAccessControlService, readerEvents } from './onvif/access-service.ts';
import { barrierEvents } from './onvif/barrier-events.ts';
import { CameraEvents } from './onvif/camera-events.ts';
import { createDeviceService, scopesOf } from './onvif/device-service.ts';
import { createDeviceIoService } from './onvif/deviceio-service.ts';
import { DiscoveryResponder } from './onvif/discovery-responder.ts';
import { createDoorService, doorEvents } from './onvif/door-service.ts';
import { createEventServices } from './onvif/event-service.ts';
import { createMediaService } from './onvif/media-service.ts';
import { OnvifEndpoint } from './onvif/onvif-endpoint.ts';
import { joinSources } from './onvif/property-event.ts';
import { PtzDrive } from './onvif/ptz-drive.ts';
import { createPtzService } from './onvif/ptz-service.ts';
import { createRelayOperations } from './onvif/relay-operations.ts';
import { SERVICE_PATHS } from './onvif/service.ts';
import { RtspServer } from './rtsp/rtsp-server.ts';
import { type ClipLibrary, createClipLibrary } from './scene/clip-library.ts';
import { peopleOfFolder, peopleOfGroupPhoto } from './scene/people.ts';
import type { ClipName } from './scene/scene-name.ts';

const CAMERA_SERVICES = ['media', 'events'] as const;
const servicesOfCamera = (hasDrive: boolean) => (hasDrive ? ([...CAMERA_SERVICES, 'ptz'] as const) : CAMERA_SERVICES);
const BARRIER_SERVICES = ['events', 'deviceIo'] as const;
const DOOR_SERVICES = ['events', 'doorControl', 'accessControl'] as const;
const MODELS = { camera: 'Street Camera', barrier: 'Street Barrier', door: 'Street Door' } as const;

export interface SimulatorLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SimulatorOptions {
  /** Folder for pictures and rendered clips; made if missing, and worth keeping: the second start is then instant. */
  readonly dataFolder: string;
  /** Folder of portraits to play instead of the people from npm. */
  readonly picturesFolder?: string | undefined;
  readonly ffmpeg: { readonly path: string; readonly version: string };
  /** Stops everything; the same as `close`, without waiting. */
  readonly signal: AbortSignal;
  readonly log: SimulatorLog;
  /** @param fraction 0..1 when known */
  readonly onProgress?: (message: string, fraction?: number) => void;
}

export interface Simulator {
  /** `control`, `rtsp`, and `onvif:{device}` for each device (the address of its device service). */
  readonly addresses: Readonly<Record<string, string>>;
  /** The devices and what can be done to them, as the control API does. */
  readonly estate: Estate;
  close(): Promise<void>;
}

/**
 * Starts a simulated estate: prepares the scene, then opens the RTSP server, the devices and the control API.
 * @throws SimulatorError SCENE_PICTURES_UNAVAILABLE, SCENE_RENDERING_FAILED, ADDRESS_IN_USE
 */
export async function createSimulator(config: SimulatorConfig, options: SimulatorOptions): Promise<Simulator> {
  const { log } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    stop.abort();
    await Promise.all(closers.map((closeOne) => closeOne()));
  };
  try {
    const library = await openLibrary(options, signal);
    const codecs = new Set(
      config.devices.flatMap((device) => (device.kind === 'camera' ? [device.codec ?? 'h264'] : [])),
    );
    for (const clip of clipsNeeded(config)) for (const codec of codecs) await library.get(clip, codec);
    const rtsp = new RtspServer();
    closers.push(() => rtsp.close());
    const rtspAddress = address('rtsp', config.host, await rtsp.listen(config.host, config.rtspPort));
    const devices: SimulatedDevice[] = [];
    for (const deviceConfig of config.devices) {
      const { endpoint, ...parts } = await createDevice(deviceConfig, {
        config,
        options,
        library,
        rtsp,
        rtspAddress,
        signal,
      });
      closers.push(() => endpoint.close());
      const port = await endpoint.listen(config.host, deviceConfig.httpPort);
      devices.push({ ...parts, onvifAddress: `${address('http', config.host, port)}${SERVICE_PATHS.device}` });
    }
    const estate = new Estate(devices, config.scene, library.frames, signal);
    const control = new ControlServer(estate);
    closers.push(() => control.close());
    const controlAddress = address('http', config.host, await control.listen(config.host, config.controlPort));
    if (config.discovery) closers.push(await startDiscovery(devices));
    startTimeline({
      steps: config.timeline,
      estate,
      signal,
      onError: (step, error) => log.warn({ step, err: error }, 'A step of the timeline failed'),
    });
    const onvif = devices.map(({ device, onvifAddress }) => [`onvif:${device.id}`, onvifAddress] as const);
    return { addresses: { control: controlAddress, rtsp: rtspAddress, ...Object.fromEntries(onvif) }, estate, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @returns how to stop it */
async function startDiscovery(devices: readonly SimulatedDevice[]): Promise<() => Promise<void>> {
  const responder = new DiscoveryResponder(
    devices.map(({ device, onvifAddress, camera, drive, door }) => ({
      id: device.id,
      xaddr: onvifAddress,
      scopes: scopesOf(
        device,
        camera !== undefined
          ? servicesOfCamera(drive !== undefined)
          : door !== undefined
            ? DOOR_SERVICES
            : BARRIER_SERVICES,
      ),
    })),
  );
  await responder.listen();
  return () => responder.close();
}

async function openLibrary(options: SimulatorOptions, signal: AbortSignal): Promise<ClipLibrary> {
  const onProgress = options.onProgress ?? (() => {});
  const { dataFolder, picturesFolder, ffmpeg } = options;
  return createClipLibrary({
    folder: join(dataFolder, 'clips'),
    ffmpegPath: ffmpeg.path,
    ffmpegVersion: ffmpeg.version,
    people:
      picturesFolder === undefined
        ? peopleOfGroupPhoto(join(dataFolder, 'pictures'), signal, onProgress)
        : await peopleOfFolder(picturesFolder),
    signal,
    onProgress,
  });
}

/** Clips that must be there before the devices are: a timeline's faults come on time. */
function clipsNeeded({ scene, devices, timeline }: SimulatorConfig): ClipName[] {
  if (!devices.some(({ kind }) => kind === 'camera')) return [];
  const faults = timeline.map((step) => ('fault' in step ? step.fault : undefined));
  return [
    scene,
    ...(faults.includes('cover') ? (['covered'] as const) : []),
    ...(faults.includes('turn') ? (['turned'] as const) : []),
    ...(faults.includes('freeze-behind-clock') ? (['frozen-clock'] as const) : []),
  ];
}

interface DeviceSurroundings {
  readonly config: SimulatorConfig;
  readonly options: SimulatorOptions;
  readonly library: ClipLibrary;
  readonly rtsp: RtspServer;
  readonly rtspAddress: string;
  readonly signal: AbortSignal;
}

type DeviceParts = Omit<SimulatedDevice, 'onvifAddress'> & { readonly endpoint: OnvifEndpoint };

function createDevice(config: DeviceConfig, surroundings: DeviceSurroundings): Promise<DeviceParts> | DeviceParts {
  const device = new Device({
    id: config.id,
    identity: {
      manufacturer: config.manufacturer ?? 'Dipper Simulator',
      model: config.model ?? MODELS[config.kind],
      // Not 1.1: clients that take it for a number are found out.
      firmwareVersion: config.firmwareVersion ?? '1.10',
      serialNumber: config.serialNumber ?? `SIM-${config.id}`,
    },
    credentials: { username: config.username, password: config.password },
    trueClock: systemClock,
  });
  if (config.kind === 'camera') return createCamera(config, device, surroundings);
  return config.kind === 'door'
    ? createDoor(config, device, surroundings)
    : createBarrier(config, device, surroundings);
}

async function createCamera(
  { ptz: hasDrive = false, codec }: CameraDeviceConfig,
  device: Device,
  { config, options, library, rtsp, rtspAddress, signal }: DeviceSurroundings,
): Promise<DeviceParts> {
  const camera = await Camera.start({ device, library, scene: config.scene, codec, signal });
  camera.mountOn(rtsp);
  const events = new CameraEvents();
  const drive = hasDrive ? new PtzDrive(device) : undefined;
  const endpoint = new OnvifEndpoint({
    device,
    services: [
      createDeviceService({ device, services: servicesOfCamera(hasDrive) }),
      createMediaService({ streamUri: (stream) => `${rtspAddress}${camera.streams[stream].path}`, hasDrive, codec }),
      ...(drive === undefined ? [] : [createPtzService(device, drive)]),
      ...createEventServices(device, events),
    ],
    snapshot: (hangUp) => takeSnapshot(camera.feed, options.ffmpeg.path, AbortSignal.any([hangUp, signal])),
  });
  return { device, camera, events, ...(drive !== undefined && { drive }), endpoint };
}

function createBarrier(config: BarrierDeviceConfig, device: Device, { signal }: DeviceSurroundings): DeviceParts {
  const barrier = new Barrier({
    travelMs: config.travelMs ?? 1_500,
    holdOpenMs: config.holdOpenMs ?? 6_000,
    relayPulseMs: config.relayPulseMs ?? 500,
    relayMode: config.relayMode ?? 'monostable',
    hasCloseRelay: config.closeRelay ?? false,
    hasLoops: config.loops ?? false,
    isJammed: () => device.hasFault('jam'),
    signal,
  });
  const isOnDevice = config.relayService === 'device';
  const relays = createRelayOperations({ prefix: 'tds', barrier, device, isReal: isOnDevice });
  const endpoint = new OnvifEndpoint({
    device,
    services: [
      createDeviceService({ device, services: BARRIER_SERVICES, relays }),
      createDeviceIoService(barrier, device, !isOnDevice),
      ...createEventServices(device, barrierEvents(barrier)),
    ],
  });
  return { device, barrier, endpoint };
}

function createDoor(config: DoorDeviceConfig, device: Device, { signal }: DeviceSurroundings): DeviceParts {
  const door = new Door({
    accessTimeMs: config.accessTimeMs ?? 5_000,
    hasDoorMonitor: config.doorMonitor ?? true,
    hasLockMonitor: config.lockMonitor ?? true,
    canLockDown: config.lockDown ?? true,
    isJammed: () => device.hasFault('jam'),
    signal,
  });
  const reader =
    config.reader === true
      ? new Reader({ answerWithinMs: config.answerWithinMs ?? 5_000, onGranted: () => letThrough(door), signal })
      : undefined;
  const events = reader === undefined ? doorEvents(door) : joinSources(doorEvents(door), readerEvents(reader));
  const endpoint = new OnvifEndpoint({
    device,
    services: [
      createDeviceService({ device, services: DOOR_SERVICES }),
      createDoorService(door, device),
      createAccessControlService(reader),
      ...createEventServices(device, events),
    ],
  });
  return { device, door, ...(reader !== undefined && { reader }), endpoint };
}

/** What a door that is locked down or blocked refuses, it refuses a reader, too. */
function letThrough(door: Door): void {
  try {
    door.access();
  } catch (error) {
    if (!(error instanceof DoorDeniedError)) throw error;
  }
}

function address(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
