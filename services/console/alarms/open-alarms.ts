import type { Alarm } from '@dipper/contract/api/alarm';
import { queryOptions } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import type { HubClient } from '../api/hub-client.ts';
import { keys } from '../api/keys.ts';

/**
 * ISA-18.2 §5.4: an alarm is done with when it has cleared and somebody has acknowledged it. One that is silenced is
 * not for the desk; the counters above the queue tell of it.
 */
export function isOpen(alarm: Pick<Alarm, 'active' | 'acknowledged' | Silence>): boolean {
  return isHeard(alarm) && (alarm.active || !alarm.acknowledged);
}

type Silence = 'suppressedBy' | 'shelf' | 'outOfService';

/** Whether people are to hear of an alarm: neither another alarm, nor a shelf, nor maintenance silences it. */
export function isHeard(alarm: Pick<Alarm, Silence>): boolean {
  return alarm.suppressedBy === null && alarm.shelf === null && alarm.outOfService === null;
}

/** Puts a newer view of an alarm in place of the older one; what needs no response any more leaves the list. */
export function withAlarm(alarms: readonly Alarm[], alarm: Alarm): readonly Alarm[] {
  const rest = alarms.filter(({ id }) => id !== alarm.id);
  return isOpen(alarm) ? [alarm, ...rest] : rest;
}

/** How often the list is read again although the feed keeps it: a second pair of eyes on the feed. */
const READ_AGAIN_MS = 60_000;

/** Every alarm that needs a response. */
export function openAlarmsQuery(client: HubClient) {
  return queryOptions({
    queryKey: keys.openAlarms,
    queryFn: async ({ signal }) => {
      const [active, unseen] = await Promise.all([
        listEverything<Alarm>(client, '/api/v1/alarms?active=true', signal),
        listEverything<Alarm>(client, '/api/v1/alarms?active=false&acknowledged=false', signal),
      ]);
      // One that cleared between the two answers is in both: the second is the newer.
      return unseen.reduce(withAlarm, active.filter(isOpen));
    },
    refetchInterval: READ_AGAIN_MS,
  });
}
