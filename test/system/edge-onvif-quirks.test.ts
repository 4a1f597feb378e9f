import { type WatchReport, watchDevice } from '@dipper/edge/onvif/device-watch';
import { followPullPoint } from '@dipper/edge/onvif/pull-point';
import { QUIRK_NAMES, QUIRKS, type Quirk, quirksOf } from '@dipper/edge/onvif/quirks';
import { createSoapClient } from '@dipper/edge/onvif/soap-client';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { HostileSoapServer } from '../support/hostile-soap-server.ts';
import { playRecordedDevice, readRecordedDevice } from '../support/recorded-device.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanup.splice(0).toReversed()) await close();
});

/** Plays the conversation of a quirk. @param isKnown whether the edge knows that the device has it */
async function play(quirk: Quirk, isKnown: boolean, isClockSet = false) {
  const recorded = readRecordedDevice(quirk);
  const exchanges = recorded.exchanges.filter(({ request }) => request !== 'GetDeviceInformation');
  const server = await playRecordedDevice({ ...recorded, exchanges });
  const owner = new AbortController();
  const reports: WatchReport[] = [];
  const device = { url: server.url, credentials: undefined, allowedHosts: [], quirks: isKnown ? [quirk] : [] };
  const watching = watchDevice(
    { ...device, isHeard: true, isClockSet, clockIntervalMs: 60_000 },
    (report) => reports.push(report),
    owner.signal,
  );
  cleanup.push(
    () => server.close(),
    () => watching,
    () => owner.abort(),
  );
  return { server, reports };
}

const subscription = (reports: readonly WatchReport[]) =>
  eventually('a word about the subscription', () => reports.find(({ kind }) => kind === 'subscription'));
const asked = ({ requests }: HostileSoapServer, name: string) => requests.filter((request) => request.name === name);

test.each(QUIRK_NAMES)(
  '%s is told with a source that is not ours, and is switched on by what the device says it is',
  (quirk) => {
    const { cites, device, exchanges } = readRecordedDevice(quirk);
    expect(cites).toBe(QUIRKS[quirk].source);
    expect(cites).toMatch(/^https:\/\/github\.com\/(?!dipper)/);
    expect(device).not.toBe('');
    const told = exchanges.find(({ request }) => request === 'GetDeviceInformation')?.body ?? '';
    const text = (element: string) => new RegExp(`${element}>([^<]+)`).exec(told)?.[1];
    const byName = quirksOf({ manufacturer: text('Manufacturer'), model: text('Model') });
    // What has no name in its report is switched on by hand.
    if (told !== '') expect([...byName]).toEqual([quirk]);
    expect([...quirksOf({}, [quirk])]).toEqual([quirk]);
  },
);

describe.each([
  ['absolute-time', 'ONVIF_FAULT'],
  ['own-port', 'ONVIF_UNREACHABLE'],
  ['no-synchronization', 'ONVIF_FAULT'],
  ['short-pull', 'ONVIF_INVALID_OR_GONE'],
] as const)('%s', (quirk, code) => {
  test('events are followed where it is known', async () => {
    const { reports } = await play(quirk, true);
    await expect(subscription(reports)).resolves.toMatchObject({ state: 'following' });
  });

  test('and lost under a name where it is not', async () => {
    const { reports } = await play(quirk, false);
    const lost = await subscription(reports);
    expect(lost).toMatchObject({ state: 'lost' });
    const hungUp = ['ONVIF_REPLY_INVALID', 'ONVIF_UNREACHABLE'];
    expect(code === 'ONVIF_INVALID_OR_GONE' ? hungUp : [code]).toContain('code' in lost && lost.code);
  });
});

test.each([true, false])('no-renew, known: %s', async (isKnown) => {
  const server = await playRecordedDevice(readRecordedDevice('no-renew'));
  cleanup.push(() => server.close());
  const url = new URL(server.url);
  const send = createSoapClient({
    credentials: undefined,
    deviceNowMs: Date.now,
    maxReplyBytes: 65_536,
    caPem: undefined,
  });
  const following = followPullPoint({
    ...{ send, policy: { configured: url, allowedHosts: [] }, eventsUrl: url, deviceNowMs: Date.now },
    ...{ pullMs: 100, timeoutMs: 2_000, lifeMs: 200, signal: new AbortController().signal },
    quirks: new Set(isKnown ? (['no-renew'] as const) : []),
    onNotifications: () => undefined,
  });
  if (isKnown) await expect(following).resolves.toBeUndefined();
  else await expect(following).rejects.toMatchObject({ code: 'ONVIF_REPLY_INVALID' });
  expect(asked(server, 'Renew')).toHaveLength(isKnown ? 0 : 1);
  expect(asked(server, 'Unsubscribe')).toHaveLength(1);
});

test.each([true, false])('utc-is-local, known: %s: only a clock that is really wrong is set', async (isKnown) => {
  const { server, reports } = await play('utc-is-local', isKnown, true);
  await subscription(reports);
  if (!isKnown) await eventually('the clock to be set', () => asked(server, 'SetSystemDateAndTime').length > 0);
  expect(asked(server, 'SetSystemDateAndTime')).toHaveLength(isKnown ? 0 : 1);
});

test.each([true, false])('empty-is-false, known: %s', async (isKnown) => {
  const { server, reports } = await play('empty-is-false', isKnown);
  await eventually('three pulls', () => asked(server, 'PullMessages').length >= 3);
  const heard = reports.flatMap((report) => (report.kind === 'events' ? report.notifications : []));
  expect(heard.map(({ isEmpty }) => isEmpty)).toEqual(isKnown ? [false, true] : [false]);
});
