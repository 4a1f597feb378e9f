import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import type { Seek } from './use-playback.ts';

const PARAMETER = 'at';

/** The address of what a camera recorded from an instant on. @param at RFC 3339 */
export function recordingPath(device: string, at: string): string {
  return `/devices/${encodeURIComponent(device)}?${new URLSearchParams({ [PARAMETER]: at })}`;
}

/** The instant that the page's address names: it can be sent to a colleague. Without one the picture is live. */
export function useMoment() {
  const [parameters, setParameters] = useSearchParams();
  const [times, setTimes] = useState(0);
  const named = Date.parse(parameters.get(PARAMETER) ?? '');
  // biome-ignore lint/correctness/useExhaustiveDependencies: to go to the same instant again is to go there
  const seek = useMemo<Seek | undefined>(() => (Number.isNaN(named) ? undefined : { atMs: named }), [named, times]);
  return {
    seek,
    seekTo(atMs: number): void {
      setTimes((count) => count + 1);
      setParameters({ [PARAMETER]: new Date(atMs).toISOString() }, { replace: true });
    },
    goLive: () => setParameters({}, { replace: true }),
  };
}
