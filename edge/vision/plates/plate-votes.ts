/** What the frames of one vehicle say, by text. */
export interface PlateVotes {
  add(text: string, confidence: number): void;
  /** The text that most frames agree on; undefined while too few do, or while another is close. */
  winner(): PlateWinner | undefined;
}

export interface PlateWinner {
  readonly text: string;
  /** Frames that agree. */
  readonly votes: number;
  /** Mean over them, 0..1. */
  readonly confidence: number;
}

/** Fewer is no vote: a single frame reads D for 0 or 8 for B, and no second one confirms it. */
export const LEAST_VOTES = 2;

/** So many frames the first must be ahead of the second: where two texts take turns, neither is believed. */
const LEAD = 2;

/**
 * Counts readings of one vehicle. A text wins with at least `minVotes` frames that read it, character by character, and two
 * more than any other text has.
 */
export function createPlateVotes({ minVotes }: { readonly minVotes: number }): PlateVotes {
  const needed = Math.max(LEAST_VOTES, minVotes);
  const counts = new Map<string, { votes: number; confidence: number }>();
  return {
    add(text, confidence) {
      const count = counts.get(text) ?? { votes: 0, confidence: 0 };
      counts.set(text, { votes: count.votes + 1, confidence: count.confidence + confidence });
    },
    winner() {
      const [first, second] = [...counts].sort(([, a], [, b]) => b.votes - a.votes || b.confidence - a.confidence);
      if (first === undefined) return undefined;
      const [text, { votes, confidence }] = first;
      if (votes < needed || votes - (second?.[1].votes ?? 0) < LEAD) return undefined;
      return { text, votes, confidence: confidence / votes };
    },
  };
}
