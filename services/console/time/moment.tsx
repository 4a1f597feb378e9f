import { useTranslation } from 'react-i18next';
import { useNow } from './use-now.ts';
import { useTimeFormats } from './use-time.ts';

/** The page's idea of the hub's time is not better than this, and it is not renewed more often. */
const NOW_MS = 6_000;

interface MomentProps {
  /** RFC 3339. */
  readonly at: string;
  /** `both`: how long ago, and when exactly. `relative` has the exact time as its title, and the other way round. */
  readonly as?: 'relative' | 'absolute' | 'both';
}

/** A point in time in Beijing time. */
export function Moment({ at, as = 'both' }: MomentProps) {
  const nowMs = useNow(as === 'absolute' ? 60_000 : 5_000);
  const formats = useTimeFormats();
  const { t } = useTranslation('time');
  const atMs = Date.parse(at);
  const absolute = formats.full(atMs, nowMs);
  const relative = Math.abs(nowMs - atMs) < NOW_MS ? t('now') : formats.relative(atMs, nowMs);
  const text = as === 'both' ? t('moment', { absolute, relative }) : as === 'relative' ? relative : absolute;
  return (
    <time dateTime={at} title={as === 'relative' ? absolute : relative}>
      {text}
    </time>
  );
}
