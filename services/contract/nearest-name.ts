/** A slip of the finger changes few letters: at most this share of the right word, and always two. */
const NEAR = 1 / 3;
const ALWAYS_NEAR_LETTERS = 2;

/** The name most probably meant; undefined when none comes near. Capitals make no difference. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  if (best === undefined || best.distance > Math.max(ALWAYS_NEAR_LETTERS, best.candidate.length * NEAR))
    return undefined;
  return best.candidate;
}

/** `did you mean 'x'?` for a name that nearly is one of those known, else the list of what is known. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `known: ${known.join(', ')}` : `did you mean '${nearest}'?`;
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
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = isSwapped ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(exchange, swap, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
