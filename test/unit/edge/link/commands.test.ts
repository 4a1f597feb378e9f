import { randomUUID } from 'node:crypto';
import { RECEIPT_TYPE } from '@dipper/contract/receipts';
import type { ReceivedPayloadOf } from '@dipper/contract/topics';
import { createChallenges } from '@dipper/edge/link/challenges';
import { type CommandHandlers, createCommandDesk } from '@dipper/edge/link/commands';
import { LinkError } from '@dipper/edge/link/errors';
import { createHubTime } from '@dipper/edge/link/hub-time';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createHubSigner, LIVE_START } from '../../../support/hub-signer.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { ORIGIN } from '../../../support/open-outbox.ts';

const hub = createHubSigner();

function openDesk(handlers?: CommandHandlers) {
  const clock = createManualClock(Date.now());
  const challenges = createChallenges(clock);
  const hubTime = createHubTime(clock);
  const results: ReceivedPayloadOf<'results'>[] = [];
  const done: unknown[] = [];
  const desk = createCommandDesk({
    origin: ORIGIN,
    keys: hub.keys,
    challenges,
    hubTime,
    clock,
    log: pino({ enabled: false }),
    handlers: handlers ?? { 'live.start': async (action) => void done.push(action) },
    answer: (result) => results.push(result),
  });
  const request = (over: object = {}) => ({
    ...ORIGIN,
    challenge: challenges.current()[0] ?? '',
    notBefore: at(clock.nowMs() - 1_000),
    expiresAt: at(clock.nowMs() + 15_000),
    ...over,
  });
  return { clock, challenges, hubTime, desk, results, done, request };
}

const at = (ms: number): string => new Date(ms).toISOString();

test('a fresh command of the hub is carried out and answered', async () => {
  const { desk, results, done, request } = openDesk();
  const id = randomUUID();
  await desk.receive(await hub.command(request({ id })));
  expect(done).toEqual([LIVE_START]);
  expect(results).toEqual([{ command: id, ok: true, at: expect.any(String) }]);
});

test('a command that came twice is carried out once', async () => {
  const { desk, results, done, request } = openDesk();
  const message = await hub.command(request());
  await desk.receive(message);
  await desk.receive(message);
  expect(done).toHaveLength(1);
  expect(results.map(({ ok, code }) => [ok, code])).toEqual([
    [true, undefined],
    [false, 'COMMAND_REPLAYED'],
  ]);
  expect(desk.figures()).toEqual({ carriedOut: 1, refused: { COMMAND_REPLAYED: 1 } });
});

type Opened = ReturnType<typeof openDesk>;
const refusals: Record<string, [code: string, make: (opened: Opened) => Promise<Buffer>]> = {
  'of somebody else': ['SIGNATURE_INVALID', ({ request }) => createHubSigner().command(request())],
  'that is a receipt': ['SIGNATURE_INVALID', ({ request }) => hub.command(request(), RECEIPT_TYPE)],
  'for another agent': ['COMMAND_MISDIRECTED', ({ request }) => hub.command(request({ agent: 'lanting-edge-2' }))],
  'for another estate': ['COMMAND_MISDIRECTED', ({ request }) => hub.command(request({ estate: 'jinxi' }))],
  'with a made-up challenge': [
    'COMMAND_CHALLENGE_UNKNOWN',
    ({ request }) => hub.command(request({ challenge: randomUUID() })),
  ],
  'with a challenge of two minutes ago': [
    'COMMAND_CHALLENGE_UNKNOWN',
    ({ clock, request }) => {
      const { challenge } = request();
      clock.advance(120_000);
      return hub.command(request({ challenge }));
    },
  ],
  'with a challenge of the previous boot': [
    'COMMAND_CHALLENGE_UNKNOWN',
    async ({ request }) => hub.command(request({ challenge: openDesk().request().challenge })),
  ],
  'that lives too long': [
    'COMMAND_EXPIRED',
    ({ clock, request }) => hub.command(request({ expiresAt: at(clock.nowMs() + 60_000) })),
  ],
  'that ends before it begins': [
    'COMMAND_EXPIRED',
    ({ clock, request }) => hub.command(request({ expiresAt: at(clock.nowMs() - 2_000) })),
  ],
  'of an hour ago': [
    'COMMAND_EXPIRED',
    ({ clock, request }) =>
      hub.command(request({ notBefore: at(clock.nowMs() - 3_600_000), expiresAt: at(clock.nowMs() - 3_590_000) })),
  ],
  'the agent knows no way to carry out': [
    'COMMAND_UNSUPPORTED',
    ({ request }) => {
      const invitation = { uplinkUrl: 'ws://127.0.0.1:9/', ticket: 't'.repeat(43) };
      return hub.command(request({ action: { name: 'media.send', ref: randomUUID(), ...invitation } }));
    },
  ],
};

test.each(Object.entries(refusals))('a command %s does nothing and is answered', async (_, [code, make]) => {
  const opened = openDesk();
  await opened.desk.receive(await make(opened));
  expect(opened.done).toEqual([]);
  expect(opened.results).toEqual([expect.objectContaining({ ok: false, code })]);
  expect(opened.desk.figures()).toEqual({ carriedOut: 0, refused: { [code]: 1 } });
});

test('the hub decides what time it is, once a receipt has told', async () => {
  const { clock, hubTime, desk, results, done, request } = openDesk();
  const hubMs = clock.nowMs() + 3_600_000;
  const now = clock.monotonicMs();
  hubTime.observe({ sentAtMs: now - 20, receivedAtMs: now, issuedAtMs: hubMs });
  await desk.receive(await hub.command(request({ notBefore: at(hubMs - 1_000), expiresAt: at(hubMs + 15_000) })));
  expect(done).toHaveLength(1);
  // Held back by the broker until its time was over, though its challenge is still good.
  const late = await hub.command(request({ notBefore: at(hubMs - 1_000), expiresAt: at(hubMs + 15_000) }));
  clock.advance(30_000);
  await desk.receive(late);
  expect(done).toHaveLength(1);
  expect(results.at(-1)).toMatchObject({ ok: false, code: 'COMMAND_EXPIRED' });
});

test('what a handler throws becomes the answer, and one that never ends is answered for', async () => {
  const failing = openDesk({ 'live.start': () => Promise.reject(new LinkError('UPLINK_REFUSED', 'no')) });
  await failing.desk.receive(await hub.command(failing.request()));
  expect(failing.results).toEqual([expect.objectContaining({ ok: false, code: 'UPLINK_REFUSED', message: 'no' })]);

  const started = Promise.withResolvers<void>();
  const hanging = openDesk({
    'live.start': () => {
      started.resolve();
      return new Promise(() => undefined);
    },
  });
  const answered = hanging.desk.receive(await hub.command(hanging.request()));
  await started.promise;
  hanging.clock.advance(10_000);
  await answered;
  expect(hanging.results).toEqual([expect.objectContaining({ ok: false, code: 'COMMAND_TIMEOUT' })]);
});

test('noise on the topic is counted and answered to nobody', async () => {
  const { desk, results } = openDesk();
  await desk.receive(Buffer.from('no JSON'));
  await desk.receive(Buffer.from('{"command":"a.b.c"}'));
  expect(results).toEqual([]);
  expect(desk.figures().refused).toEqual({ MESSAGE_NOT_JSON: 1, SIGNATURE_INVALID: 1 });
});
