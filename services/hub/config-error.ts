/** Something in the environment or in a file of configuration cannot be used; the hub does not start with it. */
export class ConfigInvalidError extends Error {
  readonly code = 'CONFIG_INVALID';
  /** One sentence per problem: where it is, what is wrong, what would be right. */
  readonly problems: readonly string[];

  /** @param origin file or "environment" that the problems are in */
  constructor(origin: string, problems: readonly string[], options: { cause?: unknown } = {}) {
    super(`${origin}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`, options);
    this.name = 'ConfigInvalidError';
    this.problems = problems;
  }
}

/** A typing error changes few letters: at most a third of the word. */
const NEAR = 1 / 3;

/** `did you mean 'x'?` for a name that nearly is one of those known, else the list of what is known. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (nearest !== undefined && nearest.distance <= Math.max(2, nearest.candidate.length * NEAR)) {
    return `did you mean '${nearest.candidate}'?`;
  }
  return `known: ${known.join(', ')}`;
}

/**
 * Optimal string alignment distance: how many letters have to be put in, taken out, exchanged, or swapped with their
 * neighbour.
 */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const exchange = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = isSwapped ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(exchange, swap, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
