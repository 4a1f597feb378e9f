import type { CameraAccess } from '@dipper/edge/agent/camera/camera-access';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { parseConfig } from '@dipper/simulator/config/config';
import type { SceneName } from '@dipper/simulator/scene/scene-name';
import { createSimulator, type Simulator } from '@dipper/simulator/simulator';
import { pino } from 'pino';
import { RENDERED_SCENES } from './rendered-scenes.ts';

/** Every character that has a meaning in an address. */
export const AWKWARD_LOGIN = { username: 'operator', password: 'p%40:/?#' };

export interface SimulatedStreet {
  readonly estate: Simulator['estate'];
  /** Where the streams of a camera are, as its ONVIF service would tell. */
  access(camera: string): CameraAccess;
  /** RTSP sessions of a camera's streams, main first: open now, and since the start. */
  sessions(camera: string): { readonly open: number; readonly openedEver: number }[];
  close(): Promise<void>;
}

/**
 * Cameras that see one scene, in this process, on ports of their own.
 * @param turning those that have a drive; it does not move what they show
 */
export async function startSimulatedStreet(
  cameras: readonly string[],
  scene: SceneName = 'people',
  turning: readonly string[] = [],
): Promise<SimulatedStreet> {
  const devices = cameras.map((id) => ({
    ...{ kind: 'camera', id, httpPort: 0, ptz: turning.includes(id) },
    ...AWKWARD_LOGIN,
  }));
  const config = await parseConfig({ rtspPort: 0, controlPort: 0, scene, devices }, { env: {}, folder: '' });
  const owner = new AbortController();
  const simulator = await createSimulator(config, {
    dataFolder: RENDERED_SCENES,
    ffmpeg: await findFfmpeg({ env: process.env }),
    signal: owner.signal,
    log: pino({ enabled: false }),
  });
  const address = (camera: string, stream: string) => ({
    url: `${simulator.addresses['rtsp']}/${camera}/${stream}`,
    ...AWKWARD_LOGIN,
  });
  return {
    estate: simulator.estate,
    access: (camera) => ({ main: address(camera, 'main'), sub: address(camera, 'sub'), model: 'Street Camera' }),
    sessions(camera) {
      const { streams = [] } = simulator.estate.state.devices.find(({ id }) => id === camera) ?? {};
      return streams.map(({ open, openedEver }) => ({ open, openedEver }));
    },
    async close() {
      owner.abort();
      await simulator.close();
    },
  };
}
