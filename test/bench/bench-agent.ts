import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { startEmbeddedBroker } from '../support/embedded-broker.ts';
import { type FakeHub, startFakeHub } from '../support/fake-hub.ts';
import { createHubSigner } from '../support/hub-signer.ts';
import { ORIGIN } from '../support/open-outbox.ts';

const AGENT = fileURLToPath(new URL('../../edge/agent/main.ts', import.meta.url));

export interface BenchCamera {
  readonly id: string;
  readonly login: { readonly username: string; readonly password: string };
  /** Where its ONVIF service is; undefined for one that has none, whose streams are told. */
  readonly onvif?: string;
  readonly streams?: { readonly main: string; readonly sub: string };
}

export interface BenchAgent extends AsyncDisposable {
  /** The folder of its configuration, recordings, pictures and outbox. */
  readonly dir: string;
  readonly process: ChildPart;
  /** What it tells; signed for. */
  readonly hub: FakeHub;
  /** By the last word about it. */
  stateOf(camera: string): FakeHub['deviceStates'][number] | undefined;
  /** How to run it by hand. */
  readonly command: string;
}

/** A whole agent as it is deployed, faces and recorder on, with a broker and somebody who signs for its events. */
export async function startBenchAgent(cameras: readonly BenchCamera[]): Promise<BenchAgent> {
  await using parts = new AsyncDisposableStack();
  const broker = await startEmbeddedBroker();
  parts.defer(() => broker.stop());
  const dir = mkdtempSync(join(tmpdir(), 'dipper-bench-'));
  parts.defer(() => rmSync(dir, { recursive: true, force: true }));
  const signer = createHubSigner();
  const hub = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub, signer });
  parts.defer(() => hub.stop());
  const { username, password } = broker.agent(ORIGIN.agent);
  const write = (name: string, content: string): void => writeFileSync(join(dir, name), content);
  write('hub.pub.jwk', JSON.stringify(signer.publicJwk));
  write('mqtt-password', password);
  for (const { id, login } of cameras) write(`${id}-password`, login.password);
  const configured = cameras.map(({ id, login, onvif, streams }) => ({
    ...{ id, place: 'gate', events: onvif !== undefined, capture: { faces: true } },
    onvif: { url: onvif ?? 'http://127.0.0.1:1/', username: login.username, passwordFile: `${id}-password` },
    ...(streams && { streams: { main: { url: streams.main }, sub: { url: streams.sub } } }),
    recording: { mode: 'continuous', retentionDays: 1, maxMegabytes: 4_000 },
  }));
  const config = {
    ...{ ...ORIGIN, dataDir: '.', hub: { publicKeyFile: 'hub.pub.jwk' }, media: { keyFile: 'secrets/media.key' } },
    mqtt: { url: broker.url, username, passwordFile: 'mqtt-password' },
    cameras: configured,
  };
  write('edge.yaml', stringify(config));
  const args = ['--config', join(dir, 'edge.yaml')];
  const child = await startChildPart(AGENT, args, { LOG_LEVEL: 'error' });
  parts.defer(() => child.stop());
  const running = parts.move();
  return {
    ...{ dir, process: child, hub, command: `npm run edge -- ${args.join(' ')}` },
    stateOf: (camera) => hub.deviceStates.findLast(({ device }) => device === camera),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
