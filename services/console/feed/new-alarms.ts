import type { Alarm } from '@dipper/contract/api/alarm';
import { isHeard } from '../alarms/open-alarms.ts';
import type { FeedChange } from './feed-client.ts';

/** Tells listeners of alarms that people have to hear of from now on: for the voice and the bell, not for the list. */
export interface NewAlarms {
  /** Looks at one change of the feed. */
  see(change: FeedChange): void;
  subscribe(listener: (alarm: Alarm) => void): () => void;
}

/** Alarms raised just now, and those that were silenced and are heard again: a shelf has ended, and they still last. */
export function createNewAlarms(): NewAlarms {
  const listeners = new Set<(alarm: Alarm) => void>();
  /** Ids of active alarms that this page has seen silenced. */
  const silenced = new Set<string>();
  return {
    see(change) {
      if (change.kind !== 'alarm') return;
      const alarm = change.value as Alarm;
      const wasSilenced = silenced.delete(alarm.id);
      if (!isHeard(alarm)) {
        if (alarm.active) silenced.add(alarm.id);
        return;
      }
      const isNew = change.change === 'created' || (wasSilenced && alarm.active);
      if (!isNew || alarm.acknowledged) return;
      for (const listener of listeners) listener(alarm);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
