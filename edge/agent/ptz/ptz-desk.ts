import { DipperError } from '@dipper/contract/errors';
import { MAX_PRESETS } from '@dipper/contract/ptz';
import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import type { CommandHandlers } from '../../link/commands.ts';
import { OnvifError } from '../../onvif/errors.ts';
import { createPtzDrive, type PtzDrive } from '../../onvif/ptz.ts';
import type { CameraConfig } from '../config/read-config.ts';
import { type CameraTurning, createCameraTurning } from './camera-turning.ts';
import type { TurningNote } from './turning-note.ts';

type PtzCamera = Pick<CameraConfig, 'id' | 'onvif' | 'streams'>;

export interface PtzDeskOptions {
  /** As it is configured now; undefined for a device that is none of this agent's cameras. */
  readonly camera: (device: string) => PtzCamera | undefined;
  /** Somebody turns it: its picture is another one now, and nobody tampered with it. */
  readonly onTurned: (device: string) => void;
  readonly note: TurningNote;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Carries out what people want of cameras that turn. */
export interface PtzDesk {
  readonly handlers: CommandHandlers;
  /** Tells cameras to stop that an earlier run of this agent left turning. To be called once there are cameras. */
  stopLeft(): void;
  /** Stops what turns, waits for that a while, and ends every conversation. */
  close(): Promise<void>;
}

/** One request to a camera; a slow one takes two seconds. */
const REQUEST_LIMIT_MS = 3_000;
/** What an agent that stops waits for its cameras to stand. */
const CLOSE_PATIENCE_MS = 1_500;

interface Turned {
  readonly config: PtzCamera;
  readonly drive: PtzDrive;
  readonly turning: CameraTurning;
  isTurning: boolean;
  readonly over: AbortController;
}

export function createPtzDesk(options: PtzDeskOptions): PtzDesk {
  const { note, clock, log } = options;
  const cameras = new Map<string, Turned>();

  function begin(config: PtzCamera): Turned {
    const { id: device, onvif, streams } = config;
    const over = new AbortController();
    const drive = createPtzDrive({
      url: onvif.url,
      credentials:
        onvif.username === undefined ? undefined : { username: onvif.username, password: onvif.password ?? '' },
      ...{ allowedHosts: [], profile: streams.main?.profile, timeoutMs: REQUEST_LIMIT_MS, signal: over.signal },
    });
    const onTurning = (isTurning: boolean): Promise<void> => {
      turned.isTurning = isTurning;
      options.onTurned(device);
      return note.set(device, isTurning);
    };
    const turning = createCameraTurning({ device, drive, onTurning, clock, log, signal: over.signal });
    const turned: Turned = { config, drive, turning, isTurning: false, over };
    cameras.set(device, turned);
    return turned;
  }

  /** @throws DipperError DEVICE_UNKNOWN */
  function get(device: string): Turned {
    const config = options.camera(device);
    if (config === undefined) throw new DipperError('DEVICE_UNKNOWN');
    const known = cameras.get(device);
    if (known?.config === config) return known;
    known?.over.abort();
    return begin(config);
  }

  /** A camera without a drive says so in the contract's words. */
  async function driving<T>(device: string, call: (camera: Turned) => Promise<T>): Promise<T> {
    const camera = get(device);
    try {
      return await call(camera);
    } catch (error) {
      if (error instanceof OnvifError && error.code === 'ONVIF_NOT_SUPPORTED') {
        throw new DipperError('PTZ_NOT_SUPPORTED', { cause: error });
      }
      throw error;
    }
  }

  /** What the camera refused may be a preset that is not there: it is asked which are. */
  async function withPreset(drive: PtzDrive, token: string, call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (!(error instanceof OnvifError) || error.code !== 'ONVIF_FAULT') throw error;
      const presets = await drive.presets();
      if (presets.some((preset) => preset.token === token)) throw error;
      throw new DipperError('PTZ_PRESET_UNKNOWN', { cause: error });
    }
  }

  async function setPreset(drive: PtzDrive, label: string): Promise<string> {
    try {
      return await drive.setPreset(label);
    } catch (error) {
      if (!(error instanceof OnvifError) || error.code !== 'ONVIF_FAULT') throw error;
      const [most, presets] = [await drive.maxPresets(), await drive.presets()];
      if (most === undefined || presets.length < most) throw error;
      throw new DipperError('PTZ_PRESETS_FULL', { cause: error });
    }
  }

  return {
    handlers: {
      'ptz.move': ({ device, velocity }) =>
        driving(device, async ({ turning }) => {
          const isStill = velocity.pan === 0 && velocity.tilt === 0 && velocity.zoom === 0;
          await (isStill ? turning.stop() : turning.move(velocity));
          return undefined;
        }),
      'ptz.stop': ({ device }) =>
        driving(device, async ({ turning }) => {
          await turning.stop();
          return undefined;
        }),
      'ptz.presets': ({ device }) =>
        driving(device, async ({ drive }) => ({ presets: (await drive.presets()).slice(0, MAX_PRESETS) })),
      'ptz.preset-go': ({ device, preset }) =>
        driving(device, async ({ drive, turning, isTurning }) => {
          // The end of a movement that is under way would end this one.
          if (isTurning) await turning.stop();
          await withPreset(drive, preset, () => drive.goTo(preset));
          options.onTurned(device);
          // Nobody waits for it to arrive, but what it shows on its way is not what it shows from then on.
          void turning.arrive(() => options.onTurned(device));
          return undefined;
        }),
      'ptz.preset-set': ({ device, label }) =>
        driving(device, async ({ drive }) => ({ preset: await setPreset(drive, label) })),
      'ptz.preset-remove': ({ device, preset }) =>
        driving(device, async ({ drive }) => {
          await withPreset(drive, preset, () => drive.removePreset(preset));
          return undefined;
        }),
    },
    stopLeft() {
      for (const device of note.left) {
        const config = options.camera(device);
        if (config === undefined) {
          void note.set(device, false);
          continue;
        }
        log.warn({ device }, 'the camera was left turning; it is stopped');
        get(device)
          .turning.stop()
          .catch((error: unknown) => log.error({ device, err: error }, 'the camera was not stopped'));
      }
    },
    async close() {
      const turning = [...cameras.values()].filter((camera) => camera.isTurning);
      const stopped = Promise.allSettled(turning.map((camera) => camera.turning.stop()));
      const late = new Promise<void>((resolve) => void clock.after(CLOSE_PATIENCE_MS, resolve));
      if (turning.length > 0) await Promise.race([stopped, late]);
      for (const { over } of cameras.values()) over.abort();
    },
  };
}
