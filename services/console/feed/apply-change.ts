import type { Alarm, Incident } from '@dipper/contract/api/alarm';
import type { CaseDetail, GridCase } from '@dipper/contract/api/case';
import type { AgentView, DeviceView } from '@dipper/contract/api/inventory';
import type { QueryClient } from '@tanstack/react-query';
import { withAlarm } from '../alarms/open-alarms.ts';
import { keys } from '../api/keys.ts';
import type { FeedChange } from './feed-client.ts';

type Cache = Pick<QueryClient, 'setQueryData' | 'invalidateQueries' | 'getQueryData'>;

/** Brings what the page holds up to date with one change of the feed. */
export function applyChange(cache: Cache, change: FeedChange): void {
  switch (change.kind) {
    case 'alarm': {
      const alarm = change.value as Alarm;
      cache.setQueryData<readonly Alarm[]>(keys.openAlarms, (alarms) => alarms && withAlarm(alarms, alarm));
      cache.setQueryData<Alarm>(keys.alarm(alarm.id), (known) => known && alarm);
      void cache.invalidateQueries({ queryKey: keys.alarmStanding });
      return;
    }
    case 'incident': {
      const incident = change.value as Incident;
      cache.setQueryData<Incident>(keys.incident(incident.id), incident);
      return;
    }
    case 'case':
      applyCase(cache, change.value as GridCase);
      return;
    case 'device': {
      const device = change.value as DeviceView;
      cache.setQueryData<readonly DeviceView[]>(keys.devices, (all) => all && withEntry(all, device));
      // Somebody else may have told it to.
      void cache.invalidateQueries({ queryKey: keys.deviceCommands(device.id) });
      return;
    }
    case 'agent': {
      const agent = change.value as AgentView;
      cache.setQueryData<readonly AgentView[]>(keys.agents, (all) => all && withEntry(all, agent));
      return;
    }
    case 'shelf':
    case 'out-of-service':
      void cache.invalidateQueries({ queryKey: keys.alarmStanding });
      void cache.invalidateQueries({ queryKey: keys.silences });
      return;
    case 'event':
      // The history is read on request; nothing on the page shows it as it comes.
      return;
  }
}

/** What somebody may do next depends on who asks, so what is on screen is asked for again. */
function applyCase(cache: Cache, value: GridCase): void {
  const known = cache.getQueryData<CaseDetail>(keys.case(value.id));
  if (known !== undefined && known.case.version < value.version) {
    void cache.invalidateQueries({ queryKey: keys.case(value.id) });
  }
  void cache.invalidateQueries({ queryKey: keys.caseLists });
}

function withEntry<T extends { readonly id: string }>(all: readonly T[], entry: T): readonly T[] {
  return all.some(({ id }) => id === entry.id)
    ? all.map((known) => (known.id === entry.id ? entry : known))
    : [...all, entry];
}
