import { MAX_PAYLOAD_BYTES } from '@dipper/contract/topics';
import type { Db } from '@dipper/hub/database/pool';
import { createResultsHandler } from '@dipper/hub/ingest/handlers/results.handler';
import { createInbox } from '@dipper/hub/ingest/inbox';
import { createIngest } from '@dipper/hub/ingest/ingest';
import { createIngestMetrics } from '@dipper/hub/ingest/metrics';
import { createLateHours } from '@dipper/hub/retention/late-hours';
import type { CryptoKey } from 'jose';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';

it('keeps nothing of a message that is too large but its hash, from the moment it comes', () => {
  const inbox = createInbox();
  const ingest = createIngest({
    // Receiving touches neither: it never waits.
    db: undefined as unknown as Db,
    signingKey: () => undefined as unknown as CryptoKey,
    inbox,
    results: createResultsHandler(),
    lateHours: createLateHours(),
    sendReceipt: () => undefined,
    metrics: createIngestMetrics(new Registry(), () => inbox.batches),
    log: pino({ level: 'silent' }),
    now: Date.now,
    onCommit: () => undefined,
  });
  const topics = ['events', 'status', 'devices/camera', 'results'].map((kind) => `dipper/v1/lanting/edge/${kind}`);
  for (const topic of topics) {
    ingest.receive({ topic, payload: new Uint8Array(MAX_PAYLOAD_BYTES + 1), retained: false, receivedAt: new Date() });
  }
  expect([
    inbox.takeBatches({ liveBytes: MAX_PAYLOAD_BYTES, backlogBytes: MAX_PAYLOAD_BYTES }),
    inbox.takeStates(),
  ]).toEqual([[], []]);
  const refusals = inbox.takeRefusals();
  expect(refusals.map(({ topic }) => topic)).toEqual(topics);
  expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set(['MESSAGE_TOO_LARGE']));
});
