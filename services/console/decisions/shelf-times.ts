/** For how long one shelves, minutes: a phone call, a repair, half a shift, a shift. */
const CHOICES_MIN = [15, 60, 240, 480, 720] as const;

/** What may be chosen under a limit; the limit itself where all choices are longer. */
export function shelfTimes(longestMin: number): readonly number[] {
  const allowed = CHOICES_MIN.filter((minutes) => minutes <= longestMin);
  return allowed.length === 0 ? [longestMin] : allowed;
}
