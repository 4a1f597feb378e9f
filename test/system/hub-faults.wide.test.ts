import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { startDebianPostgres } from '../support/debian-postgres.ts';
import { FORCED_EVERY } from '../support/drafts.ts';
import { eventually } from '../support/eventually.ts';
import { startHubData } from '../support/hub-data.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import type { SourceReport } from '../support/numbered-event.ts';
import { gateState } from '../support/sample-events.ts';
import { connectScriptedEdge } from '../support/scripted-edge.ts';
import { rowsOf } from '../support/with-client.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const HUB = path('../../services/hub/main.ts');
const SOURCE = path('../support/event-source-process.ts');
const HOUR_MS = 3_600_000;
const anybody = { username: 'anybody', password: 'anything' };

let parts = new AsyncDisposableStack();
afterEach(async () => {
  await parts.disposeAsync();
  parts = new AsyncDisposableStack();
});

const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-faults-'));
  parts.defer(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

describe('the hub, when what it stands on fails', () => {
  it('goes on with one copy when the other is killed: every event once, every alarm once', async () => {
    const dir = folder();
    const [database, broker] = await Promise.all([startDebianPostgres(), startMosquitto()]);
    parts.defer(() => database.stop());
    parts.defer(() => broker.stop());
    const startCopy = (name: string): Promise<ChildPart> =>
      startChildPart(HUB, [], {
        HUB_DATABASE_URL: database.url,
        HUB_MQTT_URL: broker.url,
        HUB_MQTT_PROTOCOL: '5',
        HUB_SHARED_GROUP: 'copies',
        HUB_CLIENT_ID: name,
        HUB_PORT: '0',
        HUB_SIGNING_KEY_FILE: join(dir, 'signing-key.jwk'),
        HUB_CONSOLE_DIR: join(dir, 'console'),
        HUB_ADMIN_PASSWORD: randomUUID(),
      });
    const doomed = await startCopy('hub-1');
    const survivor = await startCopy('hub-2');
    parts.defer(() => survivor.stop());
    parts.defer(() => doomed.kill());
    const count = 4_000;
    const witness = join(dir, 'witness');
    mkdirSync(join(dir, 'edge'));
    const source = await startChildPart(SOURCE, [
      ...['--data', join(dir, 'edge'), '--mqtt', broker.url, '--estate', 'lanting', '--agent', 'lanting-edge-1'],
      ...['--hub-key', join(dir, 'signing-key.pub.jwk'), '--witness', witness, '--protocol', '5'],
      ...['--count', String(count), '--rate', '1000', '--tick-ms', '100'],
    ]);
    parts.defer(() => source.stop());
    let report: SourceReport | undefined;
    source.process.on('message', (message: SourceReport) => {
      if (message.type === 'source') report = message;
    });
    await eventually('half of it under way', () => (report?.accepted ?? 0) >= count / 2, { withinMs: 60_000 });
    await doomed.kill();
    await eventually('everything receipted', () => report?.accepted === count && report.unreceipted === 0, {
      withinMs: 90_000,
    });
    const seen = readFileSync(witness, 'utf8').trimEnd().split('\n');
    const stored = await rowsOf<{ id: string }>(
      database.url,
      "select id from dipper.event where type in ('gate.state', 'gate.forced')",
    );
    expect(stored.map(({ id }) => id).sort()).toEqual(seen.sort());
    await eventually(
      'each alarm, once, and over',
      async () => {
        const alarms = await rowsOf<{ active: boolean }>(
          database.url,
          "select active from dipper.alarm where rule = 'barrier-forced'",
        );
        return alarms.length === count / FORCED_EVERY && alarms.every(({ active }) => !active);
      },
      { withinMs: 60_000 },
    );
  }, 240_000);

  it('receipts nothing while the disk of the database is full, and everything once there is room', async () => {
    const disk = mountSmallDisk();
    const [database, broker] = await Promise.all([startDebianPostgres({ parent: disk }), startMosquitto()]);
    parts.defer(() => broker.stop());
    parts.defer(() => database.stop());
    const hub = await startHubData({ databaseUrl: database.url, broker: { url: broker.url, hub: anybody } });
    parts.defer(() => hub.stop());
    const edge = await connectScriptedEdge({ url: broker.url, agent: () => anybody }, hub.signingKey.publicJwk);
    parts.defer(() => edge.close());
    await eventually('the hub listens', async () => (await hub.data.readiness()).broker);
    const epoch = randomUUID();
    const receipted = (): number => new Set(edge.receipted.get(epoch)).size;
    const wide = (sequence: number): unknown => ({
      ...gateState({ epoch, sequence }),
      type: 'onvif.event',
      data: {
        ...{ topic: 'tns1:Device/Trigger', operation: 'Changed', source: {} },
        data: Object.fromEntries(Array.from({ length: 8 }, (_, key) => [`k${key}`, randomUUID().repeat(12)])),
      },
    });
    const batches = 40;
    const send = (batch: number): Promise<void> =>
      edge.sendBatch(Array.from({ length: 100 }, (_, index) => wide(batch * 100 + index + 1)));
    await send(0);
    await eventually('the first batch', () => receipted() === 100);
    const ballast = join(disk, 'ballast');
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 2 * 1024 * 1024)));
    for (let batch = 1; batch < batches; batch += 1) await send(batch);
    await eventually('the disk to be full', () => statfsSync(disk).bavail * bsize < 512 * 1024, { withinMs: 30_000 });
    // What is receipted by now had been committed before there was no room.
    const whileFull = receipted();
    expect(whileFull).toBeLessThan(batches * 100);
    rmSync(ballast);
    // PostgreSQL itself ends when it cannot write its log (PANIC); somebody starts it again.
    await database.restart();
    await eventually(
      'everything',
      async () => {
        if (receipted() === batches * 100) return true;
        // As its edge does: what is without a receipt is sent again.
        for (let batch = 0; batch < batches; batch += 1) {
          if (!edge.receipted.get(epoch)?.includes(batch * 100 + 1)) await send(batch);
        }
        return false;
      },
      { withinMs: 60_000, everyMs: 2_000 },
    );
    const [row] = await rowsOf<{ rows: string; events: string }>(
      database.url,
      `select count(*) as rows, count(distinct sequence) as events from dipper.event where epoch = '${epoch}'`,
    );
    expect(row).toEqual({ rows: String(batches * 100), events: String(batches * 100) });
  }, 180_000);

  it('stores and judges everything once while its clock is set back and forth', async () => {
    const [database, broker] = await Promise.all([startDebianPostgres(), startMosquitto()]);
    parts.defer(() => broker.stop());
    parts.defer(() => database.stop());
    let stepMs = 0;
    const hub = await startHubData({
      databaseUrl: database.url,
      broker: { url: broker.url, hub: anybody },
      now: () => Date.now() + stepMs,
      monotonicNow: () => performance.now(),
    });
    parts.defer(() => hub.stop());
    const edge = await connectScriptedEdge({ url: broker.url, agent: () => anybody }, hub.signingKey.publicJwk);
    parts.defer(() => edge.close());
    await eventually('the hub listens', async () => (await hub.data.readiness()).broker);
    const epoch = randomUUID();
    const steps = [0, -HOUR_MS, 24 * HOUR_MS, 0, -24 * HOUR_MS, HOUR_MS, 0];
    for (const [batch, step] of steps.entries()) {
      stepMs = step;
      const first = batch * 20 + 1;
      const events = Array.from({ length: 20 }, (_, index) => {
        const sequence = first + index;
        const phase = index < 10 ? 'started' : 'ended';
        const data = { phase, since: new Date().toISOString(), relay: 'inactive', contact: 'open' };
        const time = new Date(Date.now() - 10_000 + sequence).toISOString();
        return { ...gateState({ epoch, sequence, time }), type: 'gate.forced', data };
      });
      await edge.sendBatch(events);
      await edge.sendBatch(events);
      await eventually('a receipt', () => edge.receipted.get(epoch)?.includes(first + 19));
    }
    const total = steps.length * 20;
    await eventually('all is judged', async () => {
      const [row] = await rowsOf<{ done: boolean }>(
        database.url,
        `select e.seen = v.evaluated as done from dipper.agent_epoch e join dipper.agent_evaluation v using (agent, epoch)
          where e.epoch = '${epoch}'`,
      );
      return row?.done === true;
    });
    const rows = await rowsOf<{ occurred_at: Date; received_at: Date }>(
      database.url,
      `select occurred_at, received_at from dipper.event where epoch = '${epoch}' order by sequence`,
    );
    expect(rows).toHaveLength(total);
    expect(rows.every(({ occurred_at, received_at }) => occurred_at <= received_at)).toBe(true);
    expect(await rowsOf(database.url, 'select rule, error from dipper.rule_failure')).toEqual([]);
  }, 120_000);
});

/** A disk of its own, of which little is left once PostgreSQL has its cluster there. Needs root, as a mount does. */
function mountSmallDisk(): string {
  const dir = folder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=0755', 'dipper-faults', dir]);
  parts.defer(() => void execFileSync('umount', ['-l', dir]));
  return dir;
}
