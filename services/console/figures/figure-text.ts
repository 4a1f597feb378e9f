/** A share, 0 to 1, as people read it: 12%, 0.4%. */
export function percent(share: number): string {
  const hundredths = share * 100;
  const digits = hundredths > 0 && hundredths < 10 ? 1 : 0;
  return `${hundredths.toFixed(digits)}%`;
}

/** A rate with as many digits as tell something. */
export function rateText(rate: number): string {
  return rate.toFixed(rate < 10 ? 1 : 0);
}

/**
 * How a figure stands to its goals: `good` up to the first, `bad` beyond the second.
 * @param goals what is acceptable, and what is the most that can be managed
 */
export function standingOf(
  value: number,
  [acceptable, manageable]: readonly [number, number],
): 'good' | 'fair' | 'bad' {
  if (value <= acceptable) return 'good';
  return value <= manageable ? 'fair' : 'bad';
}
