import type { Alarm } from '@dipper/contract/api/alarm';
import { expect, it } from 'vitest';
import { createNewAlarms } from '../../../../../services/console/feed/new-alarms.ts';
import { createEstate } from '../../../../support/fake-hub/estate.ts';

const [alarm] = createEstate(Date.parse('2026-11-24T00:00:00.000Z')).alarms;

function listen() {
  if (alarm === undefined) throw new Error('no alarm');
  const newAlarms = createNewAlarms();
  const told: string[] = [];
  newAlarms.subscribe(({ id }) => told.push(id));
  const see = (change: 'created' | 'updated', rest: Partial<Alarm> = {}): number => {
    const value = { ...alarm, ...rest };
    newAlarms.see({ kind: 'alarm', change, cursor: '1', id: value.id, value });
    return told.length;
  };
  return see;
}

it('rings once for an alarm that is raised, and not for one that somebody has silenced', () => {
  const see = listen();
  expect(see('created')).toBe(1);
  expect(see('updated')).toBe(1);
  expect(see('created', { id: 'b', shelf: 's' })).toBe(1);
  expect(see('created', { id: 'c', outOfService: 'o' })).toBe(1);
  expect(see('created', { id: 'd', suppressedBy: 'a' })).toBe(1);
});

it('rings when a shelf ends under which an alarm still lasts, unless somebody has acknowledged it', () => {
  const see = listen();
  see('created', { shelf: 's' });
  expect(see('updated')).toBe(1);
  expect(see('updated')).toBe(1);
  see('updated', { shelf: 's' });
  expect(see('updated', { acknowledged: true })).toBe(1);
  see('updated', { shelf: 's' });
  expect(see('updated', { active: false })).toBe(1);
});
