import type { EventDraft } from '@dipper/contract/events';
import { type CameraEvents, createCameraEvents } from '@dipper/edge/agent/attendant/camera-events';
import { bodyOf } from '@dipper/edge/link/event-body';
import { createHubTime } from '@dipper/edge/link/hub-time';
import type { EventNotification } from '@dipper/edge/onvif/event-notification';
import { beforeEach, describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../../../../support/manual-clock.ts';

let clock: ManualClock;
let told: EventDraft[];
let moved: number;
let events: CameraEvents;

beforeEach(() => {
  clock = createManualClock();
  told = [];
  moved = 0;
  const hubTime = createHubTime(clock);
  events = createCameraEvents({
    ...{ device: 'camera', place: 'gate', clock, signal: new AbortController().signal },
    report(draft) {
      // What the contract does not take would never leave the edge.
      bodyOf(draft, '00000000-0000-4000-8000-000000000001', { estate: 'lanting', agent: 'edge-1' }, hubTime);
      told.push(draft);
    },
    onMotion: () => (moved += 1),
    occurredAtMs: () => clock.nowMs(),
  });
});

function say(topic: string, data: Record<string, string>, more: Partial<EventNotification> = {}): void {
  const notification = { topic, rawTopic: `tns1:${topic}`, operation: 'Changed', toldAtMs: clock.nowMs(), ...more };
  events.hear([{ source: { Rule: 'r' }, data, isEmpty: false, ...notification } as EventNotification]);
}
const MOTION = 'RuleEngine/CellMotionDetector/Motion';
const motion = (isMotion: boolean, more?: Partial<EventNotification>) => say(MOTION, { IsMotion: `${isMotion}` }, more);
const tamper = (isTamper: boolean, more?: Partial<EventNotification>) =>
  say('RuleEngine/TamperDetector/Tamper', { IsTamper: `${isTamper}` }, more);
const types = () => told.map(({ type }) => type);

describe('what lasts', () => {
  test('is told when it begins and when it is over, with the camera’s own words, and not again in between', () => {
    motion(true);
    motion(true);
    motion(false);
    expect(types()).toEqual(['motion.started', 'motion.ended']);
    expect(told[0]).toMatchObject({
      ...{ device: 'camera', place: 'gate' },
      data: { onvif: { topic: `tns1:${MOTION}`, source: { Rule: 'r' }, data: { IsMotion: 'true' } } },
    });
    expect([moved, events.stats().repeated]).toEqual([2, 1]);
  });

  test('told under two topics is one thing, which is over when both say so', () => {
    motion(true);
    say('VideoSource/MotionAlarm', { State: 'true' });
    motion(false);
    expect(types()).toEqual(['motion.started']);
    say('VideoSource/MotionAlarm', { State: 'false' });
    expect(types()).toEqual(['motion.started', 'motion.ended']);
  });

  test('what began before the edge started is ended by the first word that it is over', () => {
    tamper(false, { operation: 'Initialized' });
    expect(told).toMatchObject([{ type: 'camera.tampered', data: { kind: 'reported', phase: 'ended' } }]);
  });

  test('motion whose end never comes is over after five minutes, also when the camera goes on answering that it lasts', () => {
    motion(true);
    for (let minute = 0; minute < 5; minute += 1) {
      expect(types()).toEqual(['motion.started']);
      clock.advance(60_000);
      motion(true, { operation: 'Initialized' });
    }
    expect(told.at(-1)).toMatchObject({ type: 'motion.ended', data: { expired: true } });
    motion(true);
    expect(types()).toEqual(['motion.started', 'motion.ended', 'motion.started']);
    expect(events.stats().expired).toBe(1);
  });

  test('motion that is repeated goes on for as long as it is', () => {
    for (let minute = 0; minute < 30; minute += 1) {
      motion(true);
      clock.advance(60_000);
    }
    expect(types()).toEqual(['motion.started']);
  });

  test('tampering lasts while the camera confirms it, and an hour after its last word', () => {
    tamper(true);
    for (let hour = 0; hour < 5; hour += 1) {
      clock.advance(59 * 60_000);
      tamper(true, { operation: 'Initialized' });
    }
    expect(types()).toEqual(['camera.tampered']);
    clock.advance(60 * 60_000);
    expect(told.at(-1)).toMatchObject({ data: { phase: 'ended', expired: true } });
  });

  test('an end without a message ends all of its topic', () => {
    motion(true);
    say(MOTION, {}, { source: {}, isEmpty: true });
    expect(types()).toEqual(['motion.started', 'motion.ended']);
  });

  test('a rule that is deleted lasts no more', () => {
    motion(true);
    motion(true, { operation: 'Deleted' });
    expect(types()).toEqual(['motion.started', 'motion.ended']);
  });
});

describe('everything else', () => {
  test('lines, counters, inputs, relays and doors, each once', () => {
    for (let times = 0; times < 2; times += 1) {
      say('RuleEngine/LineDetector/Crossed', { ObjectId: '7' }, { operation: undefined });
      say('RuleEngine/CountAggregation/Counter', { Count: '12' });
      say('Device/Trigger/DigitalInput', { LogicalState: 'true' }, { source: { InputToken: 'in-1' } });
      say('Device/Trigger/Relay', { LogicalState: 'active' }, { source: { RelayToken: 'out-1' } });
      say('Door/State/LockPhysicalState', { State: 'Unlocked' }, { source: { DoorToken: 'd' } });
      say('Door/State/DoorPhysicalState', { State: 'Open' }, { source: { DoorToken: 'd' } });
    }
    expect(told).toMatchObject([
      { type: 'line.crossed', data: { rule: 'r', object: '7' } },
      { type: 'object.counted', data: { rule: 'r', count: 12 } },
      { type: 'input.changed', data: { connector: 'in-1', active: true } },
      { type: 'relay.changed', data: { connector: 'out-1', active: true } },
      { type: 'door.state', data: { position: 'open', locked: false } },
    ]);
    expect(events.stats().repeated).toBe(5);
  });

  test('a topic nobody has described is kept once a minute and counted always', () => {
    for (let second = 0; second < 90; second += 1) {
      say('Monitoring/ProcessorUsage', { Value: `${second}` });
      clock.advance(1_000);
    }
    expect(types()).toEqual(['onvif.event', 'onvif.event']);
    expect(events.stats().unknown).toEqual({ 'Monitoring/ProcessorUsage': 90 });
  });

  test('what a camera tells about people is counted and not taken', () => {
    say('RuleEngine/LicensePlateRecognition/Plate', { PlateNumber: '浙A12345' });
    say('RuleEngine/FaceDetect/Recognized', { Name: 'somebody' });
    say('Device/NetworkInterface/Link', { Up: 'true' });
    expect(types()).toEqual(['onvif.event']);
    expect(events.stats().personal).toBe(2);
  });

  test('nonsense in a known topic is counted', () => {
    say(MOTION, { IsMotion: 'maybe' });
    say('RuleEngine/CountAggregation/Counter', { Count: '-1' });
    say('Device/Trigger/DigitalInput', { LogicalState: 'true' }, { source: {} });
    expect([types(), events.stats().malformed]).toEqual([[], 3]);
  });

  test('items of any size fit into an event', () => {
    const many = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`${'名'.repeat(60)}${n}`, '值'.repeat(256)]));
    say('Vendor/Whatever', many, { source: many, rawTopic: 'tns1:Vendor/Whatever' });
    expect(types()).toEqual(['onvif.event']);
  });
});

test('a camera that flickers is not heard without end, and its last state is told once there is room', () => {
  for (let times = 0; times < 500; times += 1) {
    motion(true);
    motion(false);
  }
  motion(true);
  expect(told).toHaveLength(60);
  expect(told.at(-1)?.type).toBe('motion.ended');
  clock.advance(10_000);
  expect(told.slice(60).map(({ type }) => type)).toEqual(['motion.started']);
  expect(events.stats().limited).toBeGreaterThan(900);
});
