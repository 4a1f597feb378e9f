import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type ChildPart, startChildPart } from './child-part.ts';
import type { EmbeddedBroker } from './embedded-broker.ts';
import { createHubSigner, type HubSigner } from './hub-signer.ts';
import { ORIGIN } from './open-outbox.ts';
import { AWKWARD_LOGIN, type SimulatedStreet } from './simulated-street.ts';

const AGENT = fileURLToPath(new URL('../../edge/agent/main.ts', import.meta.url));

/** An agent that runs as it does for a user: a process of its own, with its configuration and its secrets in files. */
export interface AgentFiles {
  /** Whose key it pins. */
  readonly signer: HubSigner;
  readonly cameraPasswordFile: string;
  /** The section of a camera of the street. */
  camera(id: string, over?: object): object;
  /** Replaces the configuration at once, as an editor does. */
  save(cameras: readonly object[], over?: object): void;
  start(): Promise<ChildPart>;
}

/** @param dir an empty folder, for its data besides */
export function prepareAgent(dir: string, broker: EmbeddedBroker, street: SimulatedStreet): AgentFiles {
  const path = join(dir, 'edge.yaml');
  const signer = createHubSigner();
  const { username, password } = broker.agent(ORIGIN.agent);
  const cameraPasswordFile = join(dir, 'camera-password');
  writeFileSync(join(dir, 'hub.pub.jwk'), JSON.stringify(signer.publicJwk));
  writeFileSync(join(dir, 'mqtt-password'), password);
  writeFileSync(cameraPasswordFile, AWKWARD_LOGIN.password);
  const onvifOf = (id: string) => street.estate.state.devices.find((device) => device.id === id)?.onvif;
  return {
    ...{ signer, cameraPasswordFile },
    camera: (id, over = {}) => ({
      ...{ id, place: 'gate', ...over },
      onvif: { url: onvifOf(id), username: AWKWARD_LOGIN.username, passwordFile: 'camera-password' },
    }),
    save(cameras, over = {}) {
      const mqtt = { url: broker.url, username, passwordFile: 'mqtt-password' };
      const base = { ...ORIGIN, dataDir: 'data', hub: { publicKeyFile: 'hub.pub.jwk' }, mqtt };
      writeFileSync(`${path}.new`, stringify({ ...base, media: { keyFile: 'secrets/media.key' }, cameras, ...over }));
      renameSync(`${path}.new`, path);
    },
    start: () => startChildPart(AGENT, ['--config', path]),
  };
}
