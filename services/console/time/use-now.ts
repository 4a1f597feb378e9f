import { useEffect, useState } from 'react';
import { useHub } from '../api/hub-context.ts';

/** The hub's time, ms since 1970, renewed at this pace; at once when the page comes back to the front. */
export function useNow(everyMs = 1_000): number {
  const { clock } = useHub();
  const [nowMs, setNowMs] = useState(() => clock.nowMs());
  useEffect(() => {
    const renew = (): void => setNowMs(clock.nowMs());
    renew();
    const timer = setInterval(renew, everyMs);
    document.addEventListener('visibilitychange', renew);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', renew);
    };
  }, [clock, everyMs]);
  return nowMs;
}
