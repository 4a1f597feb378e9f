import { useEffect, useState } from 'react';

/** A glance at another tab must not cost the picture; a page left in the background must not cost the estate's uplink. */
const GONE_AFTER_MS = 60_000;

/** Whether somebody can see the page, or could until a minute ago. */
export function useInSight(): boolean {
  const [isInSight, setInSight] = useState(() => !document.hidden);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => setInSight(false), GONE_AFTER_MS);
      else setInSight(true);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return isInSight;
}
