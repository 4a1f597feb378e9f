import { useTimeFormats } from '../time/use-time.ts';

/** Says an instant of the hub by the clocks of the estates. */
export function useInstantText(): (at: string) => string {
  const formats = useTimeFormats();
  return (at) => formats.full(Date.parse(at), Date.now());
}
