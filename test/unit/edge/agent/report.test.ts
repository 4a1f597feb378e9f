import { createReportDesk } from '@dipper/edge/agent/report';
import { LinkError } from '@dipper/edge/link/errors';
import pino from 'pino';
import { expect, test } from 'vitest';
import { gateDraft } from '../../../support/drafts.ts';

const log = pino({ enabled: false });
const failing = (error: Error) => ({
  report(): never {
    throw error;
  },
});

test('a full outbox is counted and stops nobody', () => {
  const fatal: Error[] = [];
  const desk = createReportDesk(failing(new LinkError('OUTBOX_FULL', 'no room')), log, (error) => fatal.push(error));
  desk.report(gateDraft());
  desk.report(gateDraft());
  expect(desk.refused()).toEqual({ OUTBOX_FULL: 2 });
  expect(fatal).toEqual([]);
});

test('a damaged outbox asks for a restart', () => {
  const fatal: Error[] = [];
  const desk = createReportDesk(failing(new LinkError('OUTBOX_CORRUPT', 'damaged')), log, (error) => fatal.push(error));
  desk.report(gateDraft());
  expect(fatal).toEqual([expect.objectContaining({ code: 'OUTBOX_CORRUPT' })]);
});

test('a fault of our own is not hidden', () => {
  const desk = createReportDesk(failing(new TypeError('ours')), log, () => undefined);
  expect(() => desk.report(gateDraft())).toThrow('ours');
});
