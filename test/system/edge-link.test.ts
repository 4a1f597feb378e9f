import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeHub, startFakeHub } from '../support/fake-hub.ts';
import { createHubSigner } from '../support/hub-signer.ts';
import { numberedId, type SourceReport } from '../support/numbered-event.ts';
import { ORIGIN, temporaryFolder } from '../support/open-outbox.ts';

const SOURCE = fileURLToPath(new URL('../support/event-source-process.ts', import.meta.url));

let broker: EmbeddedBroker;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.stop());

interface Source {
  readonly part: ChildPart;
  report(): SourceReport | undefined;
}

/** One folder, one witness, one key; the source is started in it as often as it is killed. */
function prepare(count: number) {
  const dir = temporaryFolder();
  const signer = createHubSigner();
  const witness = join(dir, 'witness');
  const key = join(dir, 'hub.pub.jwk');
  writeFileSync(key, JSON.stringify(signer.publicJwk));
  const { username, password } = broker.agent(ORIGIN.agent);
  const args = ['--data', dir, '--mqtt', broker.url, '--estate', ORIGIN.estate, '--agent', ORIGIN.agent];
  args.push('--hub-key', key, '--witness', witness, '--count', String(count), '--username', username);
  return {
    signer,
    witnessed: () => readFileSync(witness, 'utf8').split('\n').slice(0, -1),
    startHub: (): Promise<FakeHub> => startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub, signer }),
    async startSource(rate = 2_000): Promise<Source> {
      const part = await startChildPart(SOURCE, [...args, '--rate', String(rate)], { MQTT_PASSWORD: password });
      let last: SourceReport | undefined;
      part.process.on('message', (message: SourceReport) => {
        if (message.type === 'source') last = message;
      });
      return { part, report: () => last };
    },
  };
}

const drained = (source: Source, count: number): Promise<boolean> =>
  eventually('the outbox to drain', () => source.report()?.accepted === count && source.report()?.unreceipted === 0, {
    withinMs: 25_000,
  });
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => numberedId(index));
const idsOf = (hub: FakeHub): string[] => hub.received.map(({ id }) => id);

test('killed while it appends: every event it accepted arrives, none under two positions', async () => {
  const count = 600;
  const { startSource, startHub, witnessed } = prepare(count);
  for (const until of [100, 300]) {
    const source = await startSource();
    await eventually('some events to be accepted', () => witnessed().length >= until, { everyMs: 10 });
    await source.part.kill();
  }
  const before = witnessed();
  expect(before.length).toBeGreaterThanOrEqual(300);
  const hub = await startHub();
  const source = await startSource();
  await drained(source, count);
  await source.part.stop();
  await hub.stop();
  expect(witnessed()).toEqual(numbered(count));
  expect(idsOf(hub)).toEqual(expect.arrayContaining(before));
  expect(new Set(idsOf(hub))).toEqual(new Set(numbered(count)));
  const positions = new Map(hub.received.map(({ epoch, sequence, id }) => [`${epoch} ${sequence}`, id]));
  expect(positions.size).toBe(count);
  for (const { epoch, sequence, id } of hub.received) expect(positions.get(`${epoch} ${sequence}`)).toBe(id);
});

test('a broker that is killed, and one that forgets: everything arrives', async () => {
  const count = 800;
  const { startSource, startHub } = prepare(count);
  const hub = await startHub();
  const source = await startSource(400);
  await eventually('some events to arrive', () => hub.received.length > 50);
  hub.signs = false;
  await eventually('a hundred without receipt', () => (source.report()?.unreceipted ?? 0) >= 100);
  await broker.restart();
  hub.signs = true;
  await drained(source, count);
  await source.part.stop();
  await hub.stop();
  expect(new Set(idsOf(hub))).toEqual(new Set(numbered(count)));
});

test('status: online with challenges, a will when it is killed, a word when it is stopped', async () => {
  const { startSource, startHub } = prepare(1);
  const hub = await startHub();
  const first = await startSource();
  const online = await eventually('status online', () => hub.statuses.find(({ state }) => state === 'online'));
  expect(online).toMatchObject({ version: 'event source', outbox: { budgetBytes: 256 * 1024 * 1024 } });
  expect('challenges' in online && online.challenges.length).toBeGreaterThan(0);
  await first.part.kill();
  const last = () => hub.statuses.at(-1);
  await eventually('the will', () => last()?.state === 'offline');
  expect(last()).toMatchObject({ state: 'offline', reason: 'will', bootId: online.bootId });

  // Whoever comes later finds it all the same: status and will are retained.
  await hub.stop();
  const later = await startHub();
  await eventually('the retained will', () => later.statuses[0]);
  expect(later.statuses[0]).toMatchObject({ state: 'offline', reason: 'will' });
  expect(later.packets[0]?.retain).toBe(true);

  const second = await startSource();
  await eventually('status online again', () => later.statuses.at(-1)?.state === 'online');
  expect(later.statuses.at(-1)?.bootId).not.toBe(online.bootId);
  await later.stop();
  const latest = await startHub();
  await eventually('the retained status', () => latest.statuses[0]);
  expect(latest.statuses[0]).toMatchObject({ state: 'online' });
  await second.part.stop();
  await eventually('the last word', () => latest.statuses.at(-1)?.state === 'offline');
  expect(latest.statuses.at(-1)).toMatchObject({ reason: 'stopped' });
  await latest.stop();
});
