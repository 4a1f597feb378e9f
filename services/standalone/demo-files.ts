import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { passwordSha256 } from './broker/accounts.ts';
import { findFreePort } from './free-port.ts';

/** The agent and the devices of the demo, as `config/places.yaml` and `config/simulator.yaml` know them. */
export const DEMO = {
  estate: 'lanting',
  agent: 'lanting-edge-1',
  place: 'lanting-service-gate',
  camera: 'lanting-service-face',
  barrier: 'lanting-service-barrier',
} as const;

const DEVICE_USER = 'dipper';

/** The better part of an hour of the simulated camera: enough to look back, play and export. */
const DEMO_RECORDING = { mode: 'continuous', retentionDays: 1, maxMegabytes: 500 } as const;

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, content, { mode: 0o600 });
}

/** Who may use the embedded broker: the hub, and the one agent within its own branch of the topics. */
export function writeBrokerAccounts(path: string, passwords: { hub: string; agent: string }): void {
  const accounts = [
    { role: 'hub', username: 'hub', passwordSha256: passwordSha256(passwords.hub) },
    {
      role: 'agent',
      username: DEMO.agent,
      passwordSha256: passwordSha256(passwords.agent),
      estate: DEMO.estate,
      agent: DEMO.agent,
    },
  ];
  write(path, JSON.stringify({ accounts }, null, 2));
}

/** The simulated estate under the demo's names, on ports that stay the same when it is started again. */
export async function writeStreetConfig(path: string, devicePasswordFile: string): Promise<void> {
  const login = { username: DEVICE_USER, passwordFile: devicePasswordFile };
  write(
    path,
    stringify({
      rtspPort: await findFreePort(),
      controlPort: await findFreePort(),
      devices: [
        { id: DEMO.camera, kind: 'camera', httpPort: await findFreePort(), ptz: true, ...login },
        { id: DEMO.barrier, kind: 'barrier', httpPort: await findFreePort(), ...login },
      ],
    }),
  );
}

export interface EdgeFileOptions {
  readonly dataDir: string;
  readonly hubPublicKeyFile: string;
  readonly mqtt: {
    readonly url: string;
    readonly protocolVersion: 4 | 5;
    readonly username: string | undefined;
    readonly passwordFile: string | undefined;
  };
  readonly mediaKeyFile: string;
  readonly credentialKeyFile: string;
  readonly modelsDir: string;
  readonly cameraUrl: string;
  readonly barrierUrl: string;
  readonly devicePasswordFile: string;
}

/** The edge's configuration for the simulated estate; `config/edge.yaml` explains each key. */
export function writeEdgeConfig(path: string, options: EdgeFileOptions): void {
  const login = { username: DEVICE_USER, passwordFile: options.devicePasswordFile };
  const { url, protocolVersion, username, passwordFile } = options.mqtt;
  write(
    path,
    stringify({
      estate: DEMO.estate,
      agent: DEMO.agent,
      dataDir: options.dataDir,
      hub: { publicKeyFile: options.hubPublicKeyFile },
      mqtt: {
        url,
        protocolVersion,
        ...(username === undefined ? {} : { username }),
        ...(passwordFile === undefined ? {} : { passwordFile }),
      },
      media: { keyFile: options.mediaKeyFile },
      policy: { credentialKeyFile: options.credentialKeyFile },
      models: { dir: options.modelsDir },
      // Somebody who tries the demo may have a small disk: it stops recording before it fills that.
      recordings: { minFreeMegabytes: 200 },
      cameras: [
        {
          id: DEMO.camera,
          place: DEMO.place,
          onvif: { url: options.cameraUrl, ...login },
          capture: { faces: true },
          recording: DEMO_RECORDING,
        },
      ],
      gates: [
        { id: DEMO.barrier, place: DEMO.place, failMode: 'fail-safe', onvif: { url: options.barrierUrl, ...login } },
      ],
    }),
  );
}
