import type { Session } from '@dipper/contract/api/session';
import { createContext, useContext } from 'react';
import { isAllowed, type Permission } from './permissions.ts';

const SessionContext = createContext<Session | undefined>(undefined);

export const SessionProvider = SessionContext.Provider;

/** Who is signed in. Pages are only shown to somebody who is. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('useSession outside of SessionProvider');
  return session;
}

/** Whether whoever is signed in may do something. */
export function useAllowed(permission: Permission): boolean {
  return isAllowed(useSession(), permission);
}
