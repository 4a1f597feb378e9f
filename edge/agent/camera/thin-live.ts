/** What a viewer is sent, as far as it matters here: what begins anew, and what depends on what came before. */
interface Piece {
  readonly kind: string;
}

/**
 * Leaves out what depends on other pictures while live views are given up: a picture a group is still a look at the street.
 * What was begun is left at once, and taken up again with a key frame.
 */
export async function* thinLive<P extends Piece>(
  pieces: AsyncIterable<P>,
  isShed: () => boolean,
  onShed: () => void,
): AsyncGenerator<P, void> {
  let isThin = false;
  for await (const piece of pieces) {
    if (piece.kind === 'key') isThin = isShed();
    else if (piece.kind === 'delta') {
      isThin ||= isShed();
      if (isThin) {
        onShed();
        continue;
      }
    }
    yield piece;
  }
}
