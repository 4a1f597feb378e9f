import type { FaceTemplate } from './face-embedder.ts';
import { createPresentationCheck, type PresentationJudgement, type PresentationSight } from './presentation-check.ts';
import { type Enrolled, mostAlike, similarity, thresholdFor } from './template-match.ts';

/** One good frame of one face. */
export interface ClaimSight extends PresentationSight {
  readonly template: FaceTemplate;
}

export interface ClaimJudgement {
  /** Whose face it is; undefined as long as the frames do not agree on one of the enrolled. */
  readonly holder: string | undefined;
  /** The highest similarity that any frame voted with. */
  readonly similarity: number;
  readonly presentation: PresentationJudgement;
}

export interface FaceClaim {
  /** @param enrolled whom to compare with at this access point, as of now */
  observe(sight: ClaimSight, enrolled: readonly Enrolled[]): ClaimJudgement;
}

/** Of the last few frames so many name one holder, and none another one. */
const VOTES_LOOKED_AT = 5;
const VOTES_NEEDED = 3;
/**
 * Frames of one face in a row are more alike than this (0.8 and more were measured while a head turned). Below it somebody else
 * stands, or something else is held, in the same place, and all that was seen before counts for nothing: a living head must
 * not vouch for the photograph that follows it.
 */
const SAME_FACE_SIMILARITY = 0.5;

/** Follows what one face claims: whose it is, by a vote over frames, and whether it is alive, in the same frames. */
export function createFaceClaim(): FaceClaim {
  let check = createPresentationCheck();
  let votes: { readonly holder: string | undefined; readonly similarity: number }[] = [];
  let previous: FaceTemplate | undefined;

  return {
    observe(sight, enrolled) {
      if (previous !== undefined && similarity(previous, sight.template) < SAME_FACE_SIMILARITY) {
        check = createPresentationCheck();
        votes = [];
      }
      previous = sight.template;
      const presentation = check.observe(sight);
      const best = mostAlike(sight.template, enrolled);
      const count = enrolled.reduce((sum, { templates }) => sum + templates.length, 0);
      const isMatch = best !== undefined && best.similarity >= thresholdFor(count);
      votes.push({ holder: isMatch ? best.holder : undefined, similarity: best?.similarity ?? 0 });
      votes = votes.slice(-VOTES_LOOKED_AT);
      return { ...outcomeOf(votes), presentation };
    },
  };
}

function outcomeOf(votes: readonly { readonly holder: string | undefined; readonly similarity: number }[]) {
  const latest = votes.at(-1)?.holder;
  const named = votes.filter(({ holder }) => holder !== undefined);
  const isAgreed =
    latest !== undefined && named.length >= VOTES_NEEDED && named.every(({ holder }) => holder === latest);
  return {
    holder: isAgreed ? latest : undefined,
    similarity: Math.max(0, ...votes.map((vote) => vote.similarity)),
  };
}
