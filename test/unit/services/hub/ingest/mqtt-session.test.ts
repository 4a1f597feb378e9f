import { type AddressInfo, createServer, type Server } from 'node:net';
import { type MqttSession, openMqttSession } from '@dipper/hub/ingest/mqtt-session';
import { Aedes } from 'aedes';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';

let broker: Aedes;
let server: Server;
let session: MqttSession;
let connections = 0;
/** Whether the broker grants what the hub wants to hear. */
let grants = false;

beforeEach(async () => {
  broker = await Aedes.createBroker({
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, grants || subscription.topic.includes('status') ? subscription : null),
  });
  broker.on('clientReady', () => {
    connections += 1;
  });
  server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  session = openMqttSession({
    config: {
      url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
      protocol: 4,
      username: undefined,
      password: undefined,
      clientId: 'hub',
      isClientIdStable: true,
      sharedGroup: undefined,
    },
    receive: () => undefined,
    log: pino({ level: 'silent' }),
    now: Date.now,
    monotonicNow: () => performance.now(),
  });
});
afterEach(async () => {
  await session.close();
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  server.close();
});

describe('the session with the broker', () => {
  it('is none while subscriptions are refused, and is tried again until they are granted', async () => {
    const told = new Set<number | undefined>();
    await eventually('a second attempt', () => told.add(session.connectedSince()) && connections >= 2, { everyMs: 20 });
    expect([...told]).toEqual([undefined]);
    grants = true;
    await eventually('granted', () => session.connectedSince() !== undefined, { everyMs: 20 });
    const settled = connections;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(connections).toBe(settled);
  });
});
