import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BROKER_SALT_BYTES, hashBrokerPassword } from '@dipper/contract/broker-password';
import { topicOf } from '@dipper/contract/topics';
import { writeBrokerLogins } from '@dipper/hub/domains/enrolment/broker-passwords';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../services/standalone/free-port.ts';
import { eventually } from '../support/eventually.ts';

const config = fileURLToPath(new URL('../../config/mosquitto/', import.meta.url));
const PASSWORD = 'of-a-test';
const EAST = { estate: 'lanting', agent: 'east' };
const WEST = { estate: 'lanting', agent: 'west' };

/** The sample configuration in the real broker: its TLS listener and the container's paths are taken out, no rule is. */
describe('config/mosquitto', () => {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-mosquitto-'));
  let broker: ChildProcess;
  let url: string;
  const clients: MqttClient[] = [];

  const connect = async (username: string): Promise<MqttClient> => {
    const client = await connectAsync(url, { username, password: PASSWORD, protocolVersion: 5 });
    clients.push(client);
    return client;
  };
  /** What a client is sent on one topic while something is done. */
  const heard = async (listener: MqttClient, topic: string, act: () => Promise<unknown>): Promise<string[]> => {
    const messages: string[] = [];
    const collect = (on: string, payload: Buffer): void => {
      if (on === topic) messages.push(payload.toString());
    };
    listener.on('message', collect);
    await act().catch(() => undefined);
    await delay(300);
    listener.off('message', collect);
    return messages;
  };

  beforeAll(async () => {
    const port = await findFreePort();
    url = `mqtt://127.0.0.1:${port}`;
    const passwords = join(dir, 'passwords');
    writeFileSync(passwords, '');
    for (const name of ['hub', 'lanting/east', 'lanting/west'])
      execFileSync('mosquitto_passwd', ['-b', passwords, name, PASSWORD]);
    copyFileSync(join(config, 'acl'), join(dir, 'acl'));
    const conf = readFileSync(join(config, 'mosquitto.conf'), 'utf8')
      .replace(/^listener 8883[\s\S]*?keyfile.*$/m, `listener ${port} 127.0.0.1`)
      .replaceAll('/mosquitto/config', dir)
      .replaceAll('/mosquitto/passwords', dir)
      .replaceAll('/mosquitto/data', dir);
    writeFileSync(join(dir, 'mosquitto.conf'), `${conf}\nuser root\n`);
    for (const file of ['passwords', 'acl']) chmodSync(join(dir, file), 0o600);
    broker = spawn('sh', [join(config, 'run.sh'), join(dir, 'mosquitto.conf'), passwords], { stdio: 'ignore' });
    await eventually('mosquitto to take its configuration and listen', () => connect('hub'));
  });

  afterAll(async () => {
    for (const client of clients) client.end(true);
    if (broker?.kill()) await once(broker, 'exit');
    rmSync(dir, { recursive: true, force: true });
  });

  it('lets an agent speak for itself and for nobody else', async () => {
    const hub = await connect('hub');
    await hub.subscribeAsync('dipper/v1/#', { qos: 1 });
    const east = await connect('lanting/east');
    const own = topicOf('events', EAST);
    expect(await heard(hub, own, () => east.publishAsync(own, 'mine', { qos: 1 }))).toEqual(['mine']);
    for (const topic of [
      topicOf('events', WEST),
      topicOf('status', WEST),
      topicOf('receipts', EAST),
      topicOf('commands', WEST),
    ]) {
      expect(await heard(hub, topic, () => east.publishAsync(topic, 'forged', { qos: 1 })), topic).toEqual([]);
    }
  });

  it('lets an agent hear what comes to itself and nothing else', async () => {
    const hub = await connect('hub');
    const east = await connect('lanting/east');
    await east
      .subscribeAsync([topicOf('commands', EAST), topicOf('commands', WEST), 'dipper/v1/#'], { qos: 1 })
      .catch(() => undefined);
    const mine = topicOf('commands', EAST);
    const theirs = topicOf('commands', WEST);
    expect((await heard(east, mine, () => hub.publishAsync(mine, 'for east', { qos: 1 }))).length).toBeGreaterThan(0);
    expect(await heard(east, theirs, () => hub.publishAsync(theirs, 'for west', { qos: 1 }))).toEqual([]);
  });

  it('lets in whom the hub enters while it runs, within the same rules, and drops him when he is taken out', async () => {
    const passwords = join(dir, 'passwords');
    const username = 'lanting/north';
    const login = hashBrokerPassword(PASSWORD, randomBytes(BROKER_SALT_BYTES));
    expect(await writeBrokerLogins(passwords, [{ username, passwordHash: login }])).toBe(true);
    expect(await writeBrokerLogins(passwords, [{ username, passwordHash: login }])).toBe(false);
    const north = await eventually('the broker to read its passwords again', () => connect(username));
    const hub = await connect('hub');
    await hub.subscribeAsync('dipper/v1/#', { qos: 1 });
    const [own, theirs] = [topicOf('events', { estate: 'lanting', agent: 'north' }), topicOf('events', WEST)];
    expect(await heard(hub, own, () => north.publishAsync(own, 'mine', { qos: 1 }))).toEqual(['mine']);
    expect(await heard(hub, theirs, () => north.publishAsync(theirs, 'forged', { qos: 1 }))).toEqual([]);
    const dropped = new Promise<void>((resolve) => north.once('close', () => resolve()));
    await writeBrokerLogins(passwords, [{ username, passwordHash: null }]);
    await dropped;
    await expect(connectAsync(url, { username, password: PASSWORD, protocolVersion: 5 })).rejects.toThrow(
      /[Nn]ot authori[sz]ed/,
    );
    expect((await connect('lanting/east')).connected).toBe(true);
  });

  it('lets nobody in without a password', async () => {
    await expect(connectAsync(url, { username: 'hub', password: 'wrong', protocolVersion: 5 })).rejects.toThrow(
      /[Nn]ot authori[sz]ed/,
    );
  });
});
