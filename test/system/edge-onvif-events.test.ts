import type { EventDraft } from '@dipper/contract/events';
import { startAttendant } from '@dipper/edge/agent/attendant/attendant';
import type { CameraClockState } from '@dipper/edge/agent/attendant/camera-clock';
import { systemClock } from '@dipper/edge/link/clock';
import { bodyOf } from '@dipper/edge/link/event-body';
import { createHubTime } from '@dipper/edge/link/hub-time';
import type { WatchReport } from '@dipper/edge/onvif/device-watch';
import { createSoapClient } from '@dipper/edge/onvif/soap-client';
import { createWatchThread, type WatchThread } from '@dipper/edge/onvif/watch-thread';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import {
  craftedNamespaces,
  craftedNesting,
  dripped,
  endless,
  envelope,
  htmlErrorPage,
  redirect,
  reply,
  services,
  startHostileSoapServer,
  truncated,
} from '../support/hostile-soap-server.ts';
import { type SimulatedOnvifCamera, startSimulatedOnvifCamera } from '../support/simulated-onvif-camera.ts';

const credentials = { username: '值班员', password: 'p%40:/?#"<&密码' };

let camera: SimulatedOnvifCamera;
let thread: WatchThread;
let owner: AbortController;
let told: EventDraft[];
let clocks: CameraClockState[];

beforeEach(async () => {
  camera = await startSimulatedOnvifCamera(credentials);
  thread = createWatchThread();
  owner = new AbortController();
  told = [];
  clocks = [];
});
afterEach(async () => {
  owner.abort();
  await thread.close();
  await camera.close();
});

/** The attendant as the agent has it, over real SOAP; each event is checked against the contract. */
function attend(more: { clock?: 'set'; events?: boolean } = {}, clockIntervalMs = 300_000, signal = owner.signal) {
  const hubTime = createHubTime(systemClock);
  const { url } = camera;
  const rest = {
    streams: {},
    capture: { faces: false },
    events: true,
    clock: 'compensate',
    quirks: [],
    ...more,
  } as const;
  return startAttendant({
    camera: { id: 'camera', place: 'gate', onvif: { url, ...credentials }, ...rest },
    ...{ thread, clock: systemClock, log: pino({ enabled: false }), signal, clockIntervalMs },
    report(draft) {
      bodyOf(draft, '00000000-0000-4000-8000-000000000001', { estate: 'lanting', agent: 'edge-1' }, hubTime);
      told.push(draft);
    },
    onClock: (state) => clocks.push(state),
  });
}
const toldOf = (type: EventDraft['type']) => told.filter((draft) => draft.type === type);
const toHear = (type: EventDraft['type'], times = 1) =>
  eventually(`${times} × ${type}`, () => toldOf(type).length >= times, { withinMs: 30_000, everyMs: 20 });

test('what a camera tells becomes events, once, whatever it repeats', async () => {
  const attendant = attend();
  await eventually('a subscription', () => attendant.stats().subscription === 'following');
  camera.device.setFault({ name: 'repeat-events', times: 4 });
  camera.events.tell({ name: 'motion', active: true });
  camera.events.tell({ name: 'tamper', active: true });
  camera.events.tell({ name: 'line-crossed', object: 7 });
  camera.events.tell({ name: 'count', count: 3 });
  camera.events.tell({ name: 'door', state: 'Open' });
  camera.events.tell({ name: 'other', topic: 'tns1:Monitoring/ProcessorUsage', value: '93' });
  camera.events.tell({ name: 'relay', active: true });
  camera.events.tell({ name: 'motion', active: false });
  await toHear('motion.ended', 2);
  const types = told.map(({ type }) => type).toSorted();
  expect(types).toEqual([
    // Over, and inactive, as a new subscriber is told: whatever began before is ended by it.
    ...['camera.tampered', 'camera.tampered', 'door.state', 'input.changed', 'line.crossed'],
    ...['motion.ended', 'motion.ended', 'motion.started', 'object.counted', 'onvif.event', 'relay.changed'],
  ]);
  expect(toldOf('motion.started')).toMatchObject([
    { data: { onvif: { topic: 'tns1:RuleEngine/CellMotionDetector/Motion', source: { Rule: 'motion' } } } },
  ]);
});

test('a subscription that is lost, and one that went with the power, are made anew, and the present state is caught up', async () => {
  const attendant = attend();
  await toHear('motion.ended');
  camera.device.setFault({ name: 'drop-subscriptions' });
  camera.events.tell({ name: 'motion', active: true });
  await eventually('the loss', () => attendant.stats().losses > 0, { withinMs: 30_000 });
  camera.device.clearFault('drop-subscriptions');
  await toHear('motion.started');
  camera.device.setFault({ name: 'unplug' });
  camera.events.tell({ name: 'motion', active: false });
  await eventually('its cause', () => attendant.stats().cause === 'ONVIF_UNREACHABLE');
  camera.device.clearFault('unplug');
  await toHear('motion.ended', 2);
  await eventually('following', () => attendant.stats().subscription === 'following');
});

test('a clock that is an hour off is told, is no hindrance, and a step of it is an event', async () => {
  camera.device.setFault({ name: 'clock-offset', seconds: 3600 });
  attend({}, 100);
  await toHear('motion.ended');
  const [found] = clocks;
  expect(Math.abs((found?.offsetMs ?? 0) - 3_600_000)).toBeLessThanOrEqual(found?.uncertaintyMs ?? 0);
  const [{ occurredAtMs }] = toldOf('motion.ended') as [EventDraft];
  expect(Math.abs(occurredAtMs - Date.now())).toBeLessThan(60_000);
  camera.device.setFault({ name: 'clock-offset', seconds: 7200 });
  await toHear('clock.stepped');
  const [stepped] = told.flatMap((draft) => (draft.type === 'clock.stepped' ? [draft.data] : []));
  expect([Math.round((stepped?.stepMs ?? 0) / 60_000), stepped?.clock]).toEqual([60, 'camera']);
});

test('a clock is set where the configuration says so', async () => {
  camera.device.setFault({ name: 'clock-offset', seconds: -3600 });
  const attendant = attend({ clock: 'set', events: false });
  await eventually('the clock to be set', () => attendant.stats().clock.sets === 1);
  expect(Math.abs(camera.device.clock.nowMs() - Date.now())).toBeLessThan(2_000);
  expect(toldOf('clock.stepped')).toEqual([]);
  expect(attendant.stats().subscription).toBe('off');
});

test('whoever leaves gives the camera its place back', async () => {
  attend({ events: false });
  // A camera has ten places.
  for (let time = 0; time < 12; time += 1) {
    const visit = new AbortController();
    const attendant = attend({}, 300_000, visit.signal);
    await eventually('a subscription', () => attendant.stats().subscription === 'following', { everyMs: 10 });
    visit.abort();
    await attendant.done;
  }
});

test('a device that answers with whatever does harm is lost under a name, and the others are heard all the same', async () => {
  const pulled = envelope('<tev:PullMessagesResponse/>');
  const hostile = {
    'cut short': [truncated(pulled), 'ONVIF_REPLY_INVALID'],
    'an entity bomb': [reply(`<!DOCTYPE l [<!ENTITY a "&a;&a;">]>${pulled}`), 'ONVIF_REPLY_INVALID'],
    'without end': [endless, 'ONVIF_REPLY_TOO_LARGE'],
    'too deep': [reply(craftedNesting(120_000)), 'ONVIF_REPLY_INVALID'],
    'slow to parse': [reply(`${craftedNamespaces(120_000)}</s:Envelope>`), 'ONVIF_REPLY_INVALID'],
    redirected: [redirect('http://192.0.2.1/'), 'ONVIF_REDIRECTED'],
    'no SOAP': [htmlErrorPage, 'ONVIF_REPLY_INVALID'],
  } as const;
  const attendant = attend();
  await eventually('a subscription', () => attendant.stats().subscription === 'following');
  const lost = Object.entries(hostile).map(async ([name, [answer]]) => {
    const server = await startHostileSoapServer({ PullMessages: answer });
    onTestFinished(() => server.close());
    const events = `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/events/wsdl</tds:Namespace><tds:XAddr>${server.origin}/onvif/events</tds:XAddr></tds:Service>`;
    server.answer('GetServices', reply(services(server.origin, events)));
    server.answer('CreatePullPointSubscription', reply(envelope('<tev:CreatePullPointSubscriptionResponse/>')));
    const device = { url: server.url, credentials: undefined, allowedHosts: [], quirks: [], clockIntervalMs: 60_000 };
    return new Promise((resolve) => {
      const onReport = (report: WatchReport): void => {
        if (report.kind === 'subscription' && report.state === 'lost') resolve([name, report.code]);
      };
      void thread.watch({ ...device, isHeard: true, isClockSet: false }, onReport, owner.signal);
    });
  });
  camera.events.tell({ name: 'motion', active: true });
  await toHear('motion.started');
  const codes = Object.entries(hostile).map(([name, [, code]]) => [name, code]);
  expect(await Promise.all(lost)).toEqual(codes);
  camera.events.tell({ name: 'motion', active: false });
  await toHear('motion.ended', 2);
  expect(attendant.stats().losses).toBe(0);
  expect(thread.restartCount).toBe(0);
});

test('a reply that drips is given up at its deadline', async () => {
  const server = await startHostileSoapServer({ GetServices: dripped(envelope('')) });
  onTestFinished(() => server.close());
  const send = createSoapClient({
    credentials: undefined,
    deviceNowMs: Date.now,
    maxReplyBytes: 1024,
    caPem: undefined,
  });
  const call = { url: new URL(server.url), body: '<GetServices/>', timeoutMs: 200, signal: owner.signal };
  await expect(send(call)).rejects.toMatchObject({ code: 'ONVIF_TIMEOUT' });
});
