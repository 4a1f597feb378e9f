import type { FaceTemplate } from './face-embedder.ts';

/**
 * The law that the similarity of two different people is assumed to have: a normal distribution of the cosine. The figures are
 * rounded up from few pictures, not measured on a population; see `thresholdFor` for what they are worth.
 */
const IMPOSTOR_MEAN = 0.05;
const IMPOSTOR_DEVIATION = 0.1;

/** How often, of attempts by somebody who is not enrolled, one may be taken for anybody of the enrolled. */
export const FALSE_MATCHES_PER_ATTEMPT = 1e-3;

/** Below this no number of enrolled people justifies a match: the highest similarity of two different people measured is 0.343. */
const LOWEST_THRESHOLD = 0.45;

/** Cosine of the angle between two unit vectors. */
export function similarity(a: FaceTemplate, b: FaceTemplate): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] as number) * (b[index] ?? 0);
  return sum;
}

/**
 * The similarity from which on a face counts as one of so many enrolled, so that an attempt by a stranger succeeds no more
 * often than `falseMatchesPerAttempt`. With n enrolled, each comparison may have that share of it (Bonferroni).
 *
 * **What the figure is worth.** 300 labelled pairs of 25 photographs gave 300 right decisions at 0.35. By the rule of three
 * no errors in fewer than 300 pairs of different people say only that the rate is below some 1 %, with 95 % confidence. What
 * lies beyond is extrapolated by a normal tail over measured mean and deviation, rounded up: that is a model, not a
 * measurement. Brothers, and people of a group that the model saw little of, lie nearer to each other than strangers do
 * (NIST IR 8280 found factors of 10 to 100). So the threshold has a floor of its own, several frames must agree, and nobody
 * is compared but with the residents of one access point.
 *
 * @param enrolledCount how many are compared with
 */
export function thresholdFor(enrolledCount: number, falseMatchesPerAttempt = FALSE_MATCHES_PER_ATTEMPT): number {
  const share = falseMatchesPerAttempt / Math.max(1, enrolledCount);
  return Math.max(LOWEST_THRESHOLD, IMPOSTOR_MEAN + normalQuantile(share) * IMPOSTOR_DEVIATION);
}

export interface Likeness {
  readonly holder: string;
  readonly similarity: number;
}

/** Somebody enrolled, with one template for each good frame of the enrolment. */
export interface Enrolled {
  readonly holder: string;
  readonly templates: readonly FaceTemplate[];
}

/** Who of the enrolled a face is most like; undefined when nobody is enrolled. */
export function mostAlike(face: FaceTemplate, enrolled: readonly Enrolled[]): Likeness | undefined {
  let best: Likeness | undefined;
  for (const { holder, templates } of enrolled) {
    for (const template of templates) {
      const value = similarity(face, template);
      if (best === undefined || value > best.similarity) best = { holder, similarity: value };
    }
  }
  return best;
}

/**
 * How many deviations above the mean the upper tail of a normal distribution holds this share: Abramowitz and Stegun 26.2.23,
 * good to 4.5e-4.
 */
function normalQuantile(share: number): number {
  const t = Math.sqrt(-2 * Math.log(share));
  const above = 2.515517 + 0.802853 * t + 0.010328 * t * t;
  const below = 1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t;
  return t - above / below;
}
