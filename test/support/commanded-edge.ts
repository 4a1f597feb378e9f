import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Agent, startAgent } from '@dipper/edge/agent/agent';
import { readEdgeConfig } from '@dipper/edge/agent/config/read-config';
import { createSimulator, type Simulator } from '@dipper/simulator/simulator';
import pino from 'pino';
import { stringify } from 'yaml';
import type { HubGround } from './running-hub.ts';
import { startTurningCamera, type TurningCamera } from './turning-camera.ts';

export const EDGE = { estate: 'lanting', agent: 'lanting-edge-1' } as const;
export const BARRIER = 'lanting-service-barrier';
export const CAMERA = 'lanting-service-face';
const PLACE = 'lanting-service-gate';
const LOGIN = { username: 'operator', password: 'open it' };

/** A real agent with a real gate process, over a simulated barrier and a simulated camera that turns. */
export interface CommandedEdge {
  readonly street: Simulator;
  readonly camera: TurningCamera;
  /** The same agent with the same files, begun anew. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param ground where a hub has started, so that its key is there to be pinned */
export async function startCommandedEdge(ground: HubGround): Promise<CommandedEdge> {
  const owner = new AbortController();
  // Removed with the ground's own.
  const folder = join(ground.dir, 'edge');
  mkdirSync(folder);
  const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const street = await createSimulator(
    {
      ...{ host: '127.0.0.1', rtspPort: 0, controlPort: 0, scene: 'empty', discovery: false, timeline: [] },
      devices: [
        { id: 'barrier', kind: 'barrier', httpPort: 0, ...LOGIN, travelMs: 100, holdOpenMs: 300, relayPulseMs: 100 },
      ],
    },
    // Without a camera nothing is rendered, so neither folder nor ffmpeg is touched.
    { dataFolder: '', ffmpeg: { path: '', version: '' }, signal: owner.signal, log: pino({ enabled: false }) },
  );
  const camera = await startTurningCamera('dome');
  const path = join(folder, 'edge.yaml');
  const { username, password } = ground.broker.agent(EDGE.agent);
  copyFileSync(join(ground.dir, 'signing-key.pub.jwk'), join(folder, 'hub.jwk'));
  for (const [name, secret] of [
    ['mqtt', password],
    ['gate', LOGIN.password],
    ['camera', camera.onvif.password],
  ] as const) {
    writeFileSync(join(folder, name), secret ?? '', { mode: 0o600 });
  }
  writeFileSync(
    path,
    stringify({
      ...EDGE,
      dataDir: 'data',
      hub: { publicKeyFile: 'hub.jwk' },
      mqtt: { url: ground.broker.url, protocolVersion: 4, username, passwordFile: 'mqtt' },
      media: { keyFile: 'media.key' },
      cameras: [
        {
          ...{ id: CAMERA, place: PLACE, events: false },
          onvif: { url: camera.onvif.url, username: camera.onvif.username, passwordFile: 'camera' },
        },
      ],
      gates: [
        {
          ...{ id: BARRIER, place: PLACE, failMode: 'fail-safe' },
          onvif: { url: street.addresses['onvif:barrier'], username: LOGIN.username, passwordFile: 'gate' },
        },
      ],
    }),
  );
  const start = (): Promise<Agent> =>
    startAgent({
      ...{ config: readEdgeConfig(path, process.env), env: process.env, log, signal: owner.signal },
      onProgress: () => undefined,
      onFatal: (error) => log.fatal(error),
    });
  let agent: Agent | undefined = await start();
  return {
    street,
    camera,
    async restart() {
      await agent?.stop();
      agent = await start();
    },
    async stop() {
      await agent?.stop();
      agent = undefined;
      await Promise.all([street.close(), camera.close()]);
      owner.abort();
    },
  };
}
