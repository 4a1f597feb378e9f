const STEP = 1024;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size on disk with three digits at most, e.g. `1.25 GiB`. */
export function byteSizeOf(bytes: number, locale: string): string {
  const power = bytes < STEP ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = (bytes / STEP ** power).toLocaleString(locale, { maximumSignificantDigits: 3 });
  return `${value} ${UNITS[power]}`;
}
