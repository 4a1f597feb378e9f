import { describe, expect, it } from 'vitest';
import { queueLinesOf } from '../../../../../services/console/alarms/queue-line.ts';
import { decisionsFor, shelvableOf } from '../../../../../services/console/decisions/decisions-for.ts';
import { shelfTimes } from '../../../../../services/console/decisions/shelf-times.ts';
import { createEstate } from '../../../../support/fake-hub/estate.ts';

const lines = queueLinesOf(createEstate(Date.parse('2026-11-24T00:00:00.000Z')).alarms);
const everything = { shelve: true, takeOut: true, regroup: true };

describe('what may be decided about a happening', () => {
  const [forced] = lines;

  it('is what its alarms and the account allow', () => {
    expect(decisionsFor(forced, lines, everything)).toEqual(['shelve', 'takeOut', 'join', 'split']);
    expect(decisionsFor(forced, lines, { ...everything, takeOut: false })).toEqual(['shelve', 'join', 'split']);
    expect(decisionsFor(forced, lines, { shelve: false, takeOut: false, regroup: false })).toEqual([]);
    expect(decisionsFor(undefined, lines, everything)).toEqual([]);
  });

  it('never offers to shelve what is critical to safety', () => {
    if (forced === undefined) throw new Error('no line');
    expect(shelvableOf(forced)?.rule).toBe('closed-entrance-face');
    const [lead] = forced.alarms;
    const alone = { ...forced, alarms: [lead] as const };
    expect(lead.safetyCritical).toBe(true);
    expect(decisionsFor(alone, lines, everything)).toEqual(['takeOut', 'join']);
  });
});

describe('for how long one may shelve', () => {
  it('is never longer than the hub allows', () => {
    expect(shelfTimes(720)).toEqual([15, 60, 240, 480, 720]);
    expect(shelfTimes(100)).toEqual([15, 60]);
    expect(shelfTimes(10)).toEqual([10]);
  });
});
