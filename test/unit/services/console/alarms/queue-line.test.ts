import type { Alarm } from '@dipper/contract/api/alarm';
import { describe, expect, it } from 'vitest';
import { isOpen, withAlarm } from '../../../../../services/console/alarms/open-alarms.ts';
import {
  groupsOf,
  joinableWith,
  neighbourOf,
  pendingOf,
  queueLinesOf,
} from '../../../../../services/console/alarms/queue-line.ts';

function alarm(id: string, rest: Partial<Alarm> = {}): Alarm {
  return {
    id,
    rule: 'rule',
    priority: 'medium',
    title: { zh: id, en: id },
    active: true,
    acknowledged: false,
    late: false,
    occurrences: 1,
    suppressed: 0,
    suppressedBy: null,
    safetyCritical: false,
    shelf: null,
    shelvedUntil: null,
    outOfService: null,
    chattering: false,
    stale: false,
    estate: 'sunshine',
    agent: 'edge',
    device: null,
    place: null,
    incident: null,
    raisedAt: '2026-11-24T01:00:00.000Z',
    lastOccurredAt: '2026-11-24T01:00:00.000Z',
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    acknowledgedByName: null,
    media: null,
    ...rest,
  };
}

function order(...alarms: Alarm[]): string[] {
  return queueLinesOf(alarms).map(({ alarms: [lead] }) => lead.id);
}

describe('queue of the duty desk', () => {
  it('puts urgent before less urgent, and new before old', () => {
    const old = alarm('old', { raisedAt: '2026-11-24T00:00:00.000Z' });
    expect(order(alarm('low', { priority: 'low' }), old, alarm('new'), alarm('top', { priority: 'critical' }))).toEqual(
      ['top', 'new', 'old', 'low'],
    );
  });

  it('puts what nobody has acknowledged before everything else', () => {
    expect(
      order(alarm('seen', { priority: 'critical', acknowledged: true }), alarm('low', { priority: 'low' })),
    ).toEqual(['low', 'seen']);
  });

  it('leaves out what is shelved or out of service', () => {
    expect(isOpen(alarm('shelved', { shelf: 's' }))).toBe(false);
    expect(isOpen(alarm('under maintenance', { outOfService: 'o' }))).toBe(false);
  });

  it('makes one line of one happening, led by its most urgent alarm', () => {
    const lines = queueLinesOf([
      alarm('face', { incident: 'i', occurrences: 4, lastOccurredAt: '2026-11-24T02:00:00.000Z' }),
      alarm('forced', { incident: 'i', priority: 'critical', acknowledged: true, active: false }),
      alarm('door', { incident: 'i', priority: 'high' }),
    ]);
    expect(lines).toHaveLength(1);
    const [line] = lines;
    expect(line?.alarms.map(({ id }) => id)).toEqual(['door', 'face', 'forced']);
    expect(line).toMatchObject({ key: 'i', isActive: true, isAcknowledged: false, occurrences: 6 });
    expect(line?.lastOccurredAt).toBe('2026-11-24T02:00:00.000Z');
    expect(line && pendingOf(line).map(({ id }) => id)).toEqual(['door', 'face']);
  });

  it('moves by one line, stays at the ends, and begins at the top', () => {
    const lines = queueLinesOf([alarm('a', { priority: 'critical' }), alarm('b', { priority: 'high' }), alarm('c')]);
    expect(neighbourOf(lines, 'a', 1)?.key).toBe('b');
    expect(neighbourOf(lines, 'c', 1)?.key).toBe('c');
    expect(neighbourOf(lines, 'a', -1)?.key).toBe('a');
    expect(neighbourOf(lines, undefined, 1)?.key).toBe('a');
    expect(neighbourOf(lines, 'gone', -1)?.key).toBe('a');
    expect(neighbourOf([], 'a', 1)).toBeUndefined();
  });

  it('keeps an alarm until it has cleared and was acknowledged, and leaves out what another one silences', () => {
    expect(isOpen(alarm('a'))).toBe(true);
    expect(isOpen(alarm('a', { active: false }))).toBe(true);
    expect(isOpen(alarm('a', { acknowledged: true }))).toBe(true);
    expect(isOpen(alarm('a', { active: false, acknowledged: true }))).toBe(false);
    expect(isOpen(alarm('a', { suppressedBy: 'b' }))).toBe(false);
  });

  it('takes the newer view of an alarm, and forgets one that is done with', () => {
    const list = [alarm('a'), alarm('b')];
    expect(withAlarm(list, alarm('b', { occurrences: 9 })).find(({ id }) => id === 'b')?.occurrences).toBe(9);
    expect(withAlarm(list, alarm('c'))).toHaveLength(3);
    expect(withAlarm(list, alarm('a', { active: false, acknowledged: true })).map(({ id }) => id)).toEqual(['b']);
  });
});

describe('queue of the duty desk in a flood', () => {
  const lines = (...alarms: Alarm[]) => queueLinesOf(alarms);
  const sizes = (...alarms: Alarm[]): number[] => groupsOf(lines(...alarms)).map((group) => group.lines.length);

  it('folds three or more lines of a kind into one, and loses none', () => {
    const faces = ['a', 'b', 'c'].map((id) => alarm(id, { rule: 'face' }));
    expect(sizes(...faces, alarm('other'))).toEqual([3, 1]);
    expect(sizes(...faces.slice(1), alarm('other'))).toEqual([1, 1, 1]);
  });

  it('keeps what nobody has acknowledged apart from what somebody has', () => {
    const seen = ['a', 'b', 'c'].map((id) => alarm(id, { acknowledged: true }));
    const unseen = ['d', 'e', 'f'].map((id) => alarm(id));
    expect(sizes(...seen, ...unseen)).toEqual([3, 3]);
  });

  it('never hides what is critical to safety in a group, also where it is not what leads a line', () => {
    const forced = ['a', 'b', 'c', 'd'].map((id) => alarm(id, { safetyCritical: true }));
    expect(sizes(...forced)).toEqual([1, 1, 1, 1]);
    const beside = alarm('x', { incident: 'i', priority: 'low', safetyCritical: true });
    const led = ['e', 'f', 'g'].map((id) => alarm(id));
    expect(sizes(alarm('h', { incident: 'i' }), beside, ...led)).toEqual([1, 3]);
  });
});

describe('what can be joined into a happening', () => {
  it('is every other incident of its estate', () => {
    const [line, ...others] = queueLinesOf([
      alarm('a', { incident: 'i', priority: 'critical' }),
      alarm('b', { incident: 'j' }),
      alarm('c', { incident: 'k', estate: 'elsewhere' }),
      alarm('alone'),
    ]);
    if (line === undefined) throw new Error('no line');
    expect(joinableWith(line, [line, ...others]).map(({ key }) => key)).toEqual(['j']);
  });
});
