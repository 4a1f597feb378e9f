/** A length of time in the two units that matter. */
export type Duration =
  | { readonly key: 'days'; readonly days: number; readonly hours: number }
  | { readonly key: 'hours'; readonly hours: number; readonly minutes: number }
  | { readonly key: 'minutes'; readonly minutes: number; readonly seconds: number }
  | { readonly key: 'seconds'; readonly seconds: number };

/** @param ms negative counts as zero */
export function durationOf(ms: number): Duration {
  const total = Math.max(0, Math.floor(ms / 1_000));
  const [days, hours, minutes, seconds] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3_600) % 24,
    Math.floor(total / 60) % 60,
    total % 60,
  ];
  if (days > 0) return { key: 'days', days, hours };
  if (hours > 0) return { key: 'hours', hours, minutes };
  if (minutes > 0) return { key: 'minutes', minutes, seconds };
  return { key: 'seconds', seconds };
}
