const MAX_LEVELS = 5;
const MAX_MINUTES = 1_440;

/** Minutes as a person writes them, `2, 10`; undefined when they cannot be meant. Empty: none. */
export function minutesFrom(text: string): number[] | undefined {
  const parts = text
    .split(/[,，、\s]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length > MAX_LEVELS || parts.some((part) => !/^\d{1,4}$/.test(part))) return undefined;
  const minutes = [...new Set(parts.map(Number))].sort((a, b) => a - b);
  return minutes.every((each) => each >= 1 && each <= MAX_MINUTES) ? minutes : undefined;
}
