import { randomUUID } from 'node:crypto';
import { COMMAND_TYPE } from '@dipper/contract/commands';
import { createReceiptReader, type ReceiptReader } from '@dipper/edge/link/receipts';
import pino from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { gateDraft } from '../../../support/drafts.ts';
import { createHubSigner } from '../../../support/hub-signer.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { ORIGIN, openTestOutbox } from '../../../support/open-outbox.ts';

const hub = createHubSigner();
let outbox: ReturnType<typeof openTestOutbox>;
let reader: ReceiptReader;

beforeEach(() => {
  outbox = openTestOutbox({ clock: createManualClock() });
  for (let i = 0; i < 3; i += 1) outbox.append(gateDraft());
  outbox.takeBatch({ maxEvents: 2, maxBytes: 100_000 });
  reader = createReceiptReader({ origin: ORIGIN, keys: hub.keys, outbox, log: pino({ enabled: false }) });
});

const genuine = () => ({ ...ORIGIN, epoch: outbox.epoch, ranges: [[1, 2] as [number, number]] });

test('a receipt signed by the pinned key settles what it names', async () => {
  const receipt = await reader.read(await hub.receipt({ ...genuine(), issuedAt: '2026-11-24T08:00:00.000Z' }));
  expect(receipt).toMatchObject({ settled: 2, issuedAtMs: Date.UTC(2026, 10, 24, 8) });
  expect(outbox.figures()).toMatchObject({ waiting: 1, receipted: 2 });
  expect(reader.figures()).toEqual({ accepted: 1, refused: {} });
});

const forgeries: Record<string, [reason: string, make: () => Promise<Buffer>]> = {
  'signed by somebody else': ['SIGNATURE_INVALID', () => createHubSigner().receipt(genuine())],
  'signed for another purpose': ['SIGNATURE_INVALID', () => hub.receipt(genuine(), COMMAND_TYPE)],
  'not signed at all': [
    'SIGNATURE_INVALID',
    async () => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = { ...genuine(), issuedAt: new Date().toISOString() };
      const receipt = `${part({ alg: 'none', typ: 'dipper-receipt+jws' })}.${part(claims)}.AA`;
      return Buffer.from(JSON.stringify({ receipt }));
    },
  ],
  'changed after it was signed': [
    'SIGNATURE_INVALID',
    async () => {
      const { receipt } = JSON.parse((await hub.receipt({ ...genuine(), ranges: [[1, 1]] })).toString());
      const [header, , signature] = receipt.split('.');
      const claims = Buffer.from(JSON.stringify({ ...genuine(), issuedAt: new Date().toISOString() }));
      return Buffer.from(JSON.stringify({ receipt: `${header}.${claims.toString('base64url')}.${signature}` }));
    },
  ],
  'for another agent': ['RECEIPT_MISDIRECTED', () => hub.receipt({ ...genuine(), agent: 'lanting-edge-2' })],
  'of an epoch we never had': ['RECEIPT_EPOCH_UNKNOWN', () => hub.receipt({ ...genuine(), epoch: randomUUID() })],
  'for a sequence not sent yet': ['RECEIPT_NEVER_SENT', () => hub.receipt({ ...genuine(), ranges: [[3, 3]] })],
  'for everything there may ever be': [
    'RECEIPT_NEVER_SENT',
    () => hub.receipt({ ...genuine(), ranges: [[1, 2_147_483_647]] }),
  ],
  'with a range that runs backwards': ['RECEIPT_NEVER_SENT', () => hub.receipt({ ...genuine(), ranges: [[2, 1]] })],
  'without ranges': ['MESSAGE_INVALID', () => hub.receipt({ ...genuine(), ranges: [] })],
  'that is not JSON': ['MESSAGE_NOT_JSON', async () => Buffer.from('{"receipt":')],
};

test.each(Object.entries(forgeries))('a receipt %s deletes nothing and is counted', async (_, [reason, make]) => {
  expect(await reader.read(await make())).toBeUndefined();
  expect(outbox.figures()).toMatchObject({ waiting: 3, receipted: 0 });
  expect(reader.figures()).toEqual({ accepted: 0, refused: { [reason]: 1 } });
});
