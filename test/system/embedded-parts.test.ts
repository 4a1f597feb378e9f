import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChildPart } from '../support/child-part.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { emptyCluster } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';

const DATABASE_ENTRY = fileURLToPath(new URL('../../services/standalone/database/main.ts', import.meta.url));

describe('the embedded database as a process', () => {
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'dipper-parts-'));
    cpSync(await emptyCluster(), join(dir, 'data'), { recursive: true });
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('refuses a data directory that another process holds, and ends with its parent', async () => {
    const first = await startChildPart(DATABASE_ENTRY, ['--data', join(dir, 'data')]);
    await expect(startChildPart(DATABASE_ENTRY, ['--data', join(dir, 'data')])).rejects.toThrow(/DATABASE_IN_USE/);

    const ended = new Promise((resolve) => first.process.once('exit', resolve));
    first.process.disconnect(); // what the child sees when its parent is killed
    await ended;
    expect(existsSync(`/proc/${first.pid}`)).toBe(false);

    const second = await startChildPart(DATABASE_ENTRY, ['--data', join(dir, 'data')]);
    await second.kill();
    const third = await startChildPart(DATABASE_ENTRY, ['--data', join(dir, 'data')]);
    await third.stop();
  });
});

describe('the embedded broker', () => {
  let broker: EmbeddedBroker;
  const clients: MqttClient[] = [];
  beforeAll(async () => {
    broker = await startEmbeddedBroker({ agents: ['lanting/lanting-edge-1', 'lanting/lanting-edge-2'] });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.endAsync(true)));
    await broker.stop();
  });

  const connected = async (login: { username: string; password: string }): Promise<MqttClient> => {
    const client = await connectAsync(broker.url, { ...login, clientId: login.username, reconnectPeriod: 0 });
    clients.push(client);
    return client;
  };
  const grantOf = async (client: MqttClient, filter: string): Promise<number | undefined> =>
    (await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]))[0]?.qos;

  it('refuses a wrong password', async () => {
    await expect(connected({ username: 'hub', password: 'wrong' })).rejects.toThrow(/Bad username or password/);
  });

  it('lets an agent hear only what is meant for it', async () => {
    const agent = await connected(broker.agent('lanting-edge-1'));
    expect(await grantOf(agent, 'dipper/v1/lanting/lanting-edge-1/receipts')).toBe(1);
    expect(await grantOf(agent, 'dipper/v1/lanting/lanting-edge-2/receipts')).toBe(128);
    expect(await grantOf(agent, 'dipper/v1/lanting/lanting-edge-1/events')).toBe(128);
    expect(await grantOf(agent, 'dipper/v1/+/+/receipts')).toBe(128);
    expect(await grantOf(agent, '#')).toBe(128);
  });

  it('lets an agent speak only for itself, and the hub hear it', async () => {
    const hub = await connected(broker.hub);
    const heard: string[] = [];
    hub.on('message', (topic) => heard.push(topic));
    expect(await grantOf(hub, 'dipper/v1/+/+/events')).toBe(1);
    const agent = await connected(broker.agent('lanting-edge-2'));
    await agent.publishAsync('dipper/v1/lanting/lanting-edge-2/events', '[]', { qos: 1 });
    const closed = new Promise<void>((resolve) => agent.once('close', () => resolve()));
    agent.publish('dipper/v1/lanting/lanting-edge-1/events', '[]', { qos: 1 }, () => undefined);
    await closed;
    await eventually('the hub hears the agent', () => heard.length > 0, { everyMs: 10 });
    expect(heard).toEqual(['dipper/v1/lanting/lanting-edge-2/events']);
  });
});
