import { expect, it } from 'vitest';
import { hubErrorFrom } from '../../../../../services/console/api/hub-error.ts';
import { availabilityOf, isGone } from '../../../../../services/console/captures/capture-availability.ts';
import { createEstate } from '../../../../support/fake-hub/estate.ts';

const nowMs = Date.parse('2026-11-24T00:00:00.000Z');

it('lets a picture be asked for whose time is up by the clock of the page', () => {
  const media = {
    ref: createEstate(nowMs).alarms[0]?.id ?? '',
    mime: 'image/jpeg' as const,
    expiresAt: '2020-01-01T00:00:00.000Z',
  };
  expect(availabilityOf(media)).toEqual({ kind: 'askable', ref: media.ref, expiresAt: media.expiresAt });
  expect(availabilityOf(null)).toEqual({ kind: 'none' });
});

it('takes a picture as gone when the hub says so, and for no other reason', async () => {
  const answered = (status: number, code: string) =>
    hubErrorFrom(
      new Response(JSON.stringify({ type: 'about:blank', title: '', status, code, requestId: 'r' }), {
        status,
        headers: { 'content-type': 'application/problem+json' },
      }),
    );
  expect(isGone(await answered(410, 'MEDIA_EXPIRED'))).toBe(true);
  expect(isGone(await answered(410, 'MEDIA_ERASED'))).toBe(true);
  expect(isGone(await answered(503, 'AGENT_OFFLINE'))).toBe(false);
  expect(isGone(new Error('410'))).toBe(false);
});
