import { createContext, useContext } from 'react';
import type { AlarmSound } from '../alarms/alarm-sound.ts';
import type { FeedClient } from '../feed/feed-client.ts';
import type { NewAlarms } from '../feed/new-alarms.ts';
import type { HubClient } from './hub-client.ts';
import type { HubClock } from './hub-clock.ts';

/** What pages need of the hub. */
export interface Hub {
  readonly client: HubClient;
  readonly clock: HubClock;
  readonly feed: FeedClient;
  readonly newAlarms: NewAlarms;
  readonly sound: AlarmSound;
  /** The hub does not know the session any more: the page asks again who is signed in. */
  readonly onSignedOut: () => void;
}

const HubContext = createContext<Hub | undefined>(undefined);

export const HubProvider = HubContext.Provider;

/** The hub that served the page. */
export function useHub(): Hub {
  const hub = useContext(HubContext);
  if (hub === undefined) throw new Error('useHub outside of HubProvider');
  return hub;
}
