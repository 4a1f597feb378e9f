import type { Alarm } from '@dipper/contract/api/alarm';
import { isHeard } from '../alarms/open-alarms.ts';
import type { FeedChange } from './feed-client.ts';

/** Tells listeners of alarms that were raised just now: for the voice and the bell, not for the list. */
export interface NewAlarms {
  /** Looks at one change of the feed. */
  see(change: FeedChange): void;
  subscribe(listener: (alarm: Alarm) => void): () => void;
}

export function createNewAlarms(): NewAlarms {
  const listeners = new Set<(alarm: Alarm) => void>();
  return {
    see(change) {
      if (change.kind !== 'alarm' || change.change !== 'created') return;
      const alarm = change.value as Alarm;
      if (alarm.acknowledged || !isHeard(alarm)) return;
      for (const listener of listeners) listener(alarm);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
