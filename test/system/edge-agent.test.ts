import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startChildPart } from '../support/child-part.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { eventually } from '../support/eventually.ts';
import { startFakeHub } from '../support/fake-hub.ts';
import { createHubSigner } from '../support/hub-signer.ts';
import { ORIGIN, temporaryFolder } from '../support/open-outbox.ts';

const AGENT = fileURLToPath(new URL('../../edge/agent/main.ts', import.meta.url));

let broker: EmbeddedBroker;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.stop());

function writeConfig(over: object = {}): {
  readonly path: string;
  readonly signer: ReturnType<typeof createHubSigner>;
} {
  const dir = temporaryFolder();
  const signer = createHubSigner();
  const { username, password } = broker.agent(ORIGIN.agent);
  writeFileSync(join(dir, 'hub.pub.jwk'), JSON.stringify(signer.publicJwk));
  writeFileSync(join(dir, 'mqtt-password'), `${password}\n`);
  const path = join(dir, 'edge.yaml');
  const config = {
    ...ORIGIN,
    dataDir: 'data',
    hub: { publicKeyFile: 'hub.pub.jwk' },
    mqtt: { url: broker.url, username, passwordFile: 'mqtt-password' },
    media: { keyFile: 'secrets/media.key' },
    ...over,
  };
  writeFileSync(path, stringify(config));
  return { path, signer };
}

test('an agent without devices says that it started, is online, and stops within five seconds when its parent is gone', async () => {
  const { path, signer } = writeConfig();
  const hub = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub, signer });
  const agent = await startChildPart(AGENT, ['--config', path]);
  const started = await eventually('agent.started', () => hub.received[0]);
  expect(started).toMatchObject({ type: 'agent.started', sequence: 1 });
  const online = await eventually('status', () => hub.statuses.findLast(({ state }) => state === 'online'));
  expect(started.data).toMatchObject({ bootId: online.bootId, version: online.version });

  const ended = new Promise((resolve) => agent.process.once('exit', resolve));
  const askedAtMs = Date.now();
  agent.process.disconnect();
  expect(await ended).toBe(0);
  expect(Date.now() - askedAtMs).toBeLessThan(5_000);
  await eventually('the last word', () => hub.statuses.at(-1)?.state === 'offline');
  expect(hub.statuses.at(-1)).toMatchObject({ reason: 'stopped' });
  await hub.stop();
});

test('an agent without broker starts, keeps what it has to say, and listens on nothing', async () => {
  const { path } = writeConfig({ mqtt: { url: 'mqtt://127.0.0.1:1' } });
  const agent = await startChildPart(AGENT, ['--config', path]);
  expect(listeningSocketsOf(agent.pid)).toEqual([]);
  await agent.stop();
  expect(agent.process.exitCode).toBe(0);
});

test('a configuration that cannot be used ends it with exit code 2 and says why', async () => {
  const { path } = writeConfig({ modles: { dir: 'x' } });
  const child = spawn(process.execPath, [AGENT, '--config', path], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(2);
  expect(messages).toEqual([
    {
      type: 'failed',
      part: 'edge',
      code: 'CONFIG_INVALID',
      message: expect.stringContaining("modles is not a key; did you mean 'models'?"),
    },
  ]);
});

/** Inodes of TCP sockets in state LISTEN (0A) that a process holds; Linux only. */
function listeningSocketsOf(pid: number): string[] {
  const held = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const target = tryRead(() => readlinkSync(`/proc/${pid}/fd/${fd}`));
      return target?.match(/^socket:\[(\d+)\]$/)?.slice(1) ?? [];
    }),
  );
  return ['tcp', 'tcp6'].flatMap((family) =>
    readFileSync(`/proc/${pid}/net/${family}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && held.has(fields[9] ?? ''))
      .map((fields) => fields[1] ?? ''),
  );
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // closed while we looked
  }
}
