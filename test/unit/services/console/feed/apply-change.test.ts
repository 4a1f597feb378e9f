import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';
import { keys } from '../../../../../services/console/api/keys.ts';
import { applyChange } from '../../../../../services/console/feed/apply-change.ts';
import { createEstate } from '../../../../support/fake-hub/estate.ts';

const estate = createEstate(Date.parse('2026-11-24T00:00:00.000Z'));

function change<T extends { readonly id: string }>(kind: 'alarm' | 'case' | 'device', value: T) {
  return { kind, change: 'updated', cursor: '1', id: value.id, value } as const;
}

describe('a change of the feed', () => {
  it('moves an alarm in and out of the queue', () => {
    const cache = new QueryClient();
    const [alarm] = estate.alarms;
    if (alarm === undefined) throw new Error('no alarm');
    cache.setQueryData(keys.openAlarms, []);
    applyChange(cache, change('alarm', alarm));
    expect(cache.getQueryData(keys.openAlarms)).toEqual([alarm]);
    applyChange(cache, change('alarm', { ...alarm, active: false, acknowledged: true }));
    expect(cache.getQueryData(keys.openAlarms)).toEqual([]);
  });

  it('does not pass for the whole queue before that was read', () => {
    const cache = new QueryClient();
    const [alarm] = estate.alarms;
    if (alarm !== undefined) applyChange(cache, change('alarm', alarm));
    expect(cache.getQueryData(keys.openAlarms)).toBeUndefined();
  });

  it('renews a device in place and adds one that is new', () => {
    const cache = new QueryClient();
    const [first, second] = estate.devices;
    if (first === undefined || second === undefined) throw new Error('no devices');
    cache.setQueryData(keys.devices, [first]);
    applyChange(cache, change('device', { ...first, state: null }));
    applyChange(cache, change('device', second));
    expect(cache.getQueryData(keys.devices)).toEqual([{ ...first, state: null }, second]);
  });

  it('has a case on screen read again, unless it is the one that was just answered', () => {
    const cache = new QueryClient();
    const [gridCase] = estate.cases;
    if (gridCase === undefined) throw new Error('no case');
    const invalidate = vi.spyOn(cache, 'invalidateQueries');
    cache.setQueryData(keys.case(gridCase.id), { case: gridCase, steps: [], alarms: [] });
    applyChange(cache, change('case', gridCase));
    expect(invalidate).not.toHaveBeenCalledWith({ queryKey: keys.case(gridCase.id) });
    applyChange(cache, change('case', { ...gridCase, version: gridCase.version + 1 }));
    expect(invalidate).toHaveBeenCalledWith({ queryKey: keys.case(gridCase.id) });
  });

  it('has the counters read again when somebody shelves something, though no alarm changed', () => {
    const cache = new QueryClient();
    const invalidate = vi.spyOn(cache, 'invalidateQueries');
    for (const kind of ['shelf', 'out-of-service'] as const) {
      applyChange(cache, { kind, change: 'created', cursor: '1', id: 's', value: { id: 's' } });
    }
    expect(invalidate).toHaveBeenCalledWith({ queryKey: keys.alarmStanding });
    expect(invalidate).toHaveBeenCalledTimes(4);
  });
});
