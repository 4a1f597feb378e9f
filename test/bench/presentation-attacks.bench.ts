import type { PresentationSight, PresentationVerdict } from '@dipper/edge/vision/presentation-check';
import { startFaceWorker, startRecognitionWorker } from '../support/face-pictures.ts';
import { ATTACKS, attemptSights, verdictOf } from '../support/presentation-attempts.ts';
import { type Presentation, sitters } from '../support/presentations.ts';
import { type Bench, type BenchContext, median, type PreparedBench } from './bench.ts';

/** Attempts of each kind of attack in a round, and of living faces. Five rounds make 25 of each, and 50. */
const ATTACKS_PER_ROUND = 5;
const LIVING_PER_ROUND = 10;
/** What the model alone would go by: see LIVE_SCORE of presentation-check.ts. */
const MODEL_ALONE = 0.5;
const MODEL_FRAMES = 6;
const KINDS = ['living', ...ATTACKS] as const;

/** Goal: ours, by reasoning: cues with which more goes wrong than with the model alone would better be left out. */
export const bench: Bench = {
  what: 'attacks that are let in, living faces that are refused or get no answer, against the liveness model alone on the same frames',
  unit: 'mistakes per attempt',
  goal: { ratio: 1, is: 'at-most' },
  prepare,
  ratio: (dipper, reference) => mean(dipper) / Math.max(mean(reference), 1e-3),
};

type Counts = Record<PresentationVerdict, number>;

async function prepare({ seed }: BenchContext): Promise<PreparedBench> {
  await using parts = new AsyncDisposableStack();
  const finding = parts.use(await startFaceWorker());
  const recognising = parts.use(await startRecognitionWorker());
  const ground = { finding, recognising, people: await sitters() };
  const seen = new Map<number, { readonly kind: Presentation; readonly sights: PresentationSight[] }[]>();

  /** Both sides of a round judge the very same frames. */
  async function attemptsOf(round: number) {
    const known = seen.get(round);
    if (known !== undefined) return known;
    const attempts: { kind: Presentation; sights: PresentationSight[] }[] = [];
    for (const [which, kind] of KINDS.entries()) {
      const count = kind === 'living' ? LIVING_PER_ROUND : ATTACKS_PER_ROUND;
      for (let index = 0; index < count; index += 1) {
        // Seeds of the suite's tests, on some of which thresholds were chosen, lie below.
        const attemptSeed = 100_000 * seed + 1_000 * which + round * LIVING_PER_ROUND + index;
        attempts.push({ kind, sights: await attemptSights(ground, kind, attemptSeed) });
      }
    }
    seen.set(round, attempts);
    return attempts;
  }

  const counts = { dipper: countsOfKinds(), reference: countsOfKinds() };
  async function sample(round: number, judge: typeof verdictOf, into: Record<Presentation, Counts>) {
    const attempts = await attemptsOf(round);
    let mistakes = 0;
    for (const { kind, sights } of attempts) {
      const verdict = judge(sights);
      into[kind][verdict] += 1;
      if ((verdict === 'live') !== (kind === 'living')) mistakes += 1;
    }
    return { value: mistakes / attempts.length, work: `${attempts.length} attempts` };
  }

  const running = parts.move();
  return {
    dipper: {
      command: 'presentation-check.ts: score, rim, motion, blink',
      sample: (round) => sample(round, verdictOf, counts.dipper),
    },
    reference: {
      command: `the median score of ${MODEL_FRAMES} frames and more, from ${MODEL_ALONE} on`,
      sample: (round) => sample(round, modelAlone, counts.reference),
    },
    detail: () => ({ presentationCheck: iso(counts.dipper), modelAlone: iso(counts.reference) }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function modelAlone(sights: readonly PresentationSight[]): PresentationVerdict {
  if (sights.length < MODEL_FRAMES) return 'undecided';
  return median(sights.map(({ liveScore }) => liveScore)) >= MODEL_ALONE ? 'live' : 'attack';
}

function countsOfKinds(): Record<Presentation, Counts> {
  const none = (): Counts => ({ live: 0, attack: 0, undecided: 0 });
  return { living: none(), print: none(), screen: none(), 'cut-out': none(), replay: none() };
}

/**
 * In the terms of ISO/IEC 30107-3: APCER by attack instrument species and the highest of them, BPCER, and the shares without an answer
 * (APNRR, BPNRR), which open nothing. With no error seen, the true rate lies below 3 / attempts with 95 % confidence.
 */
function iso(counts: Record<Presentation, Counts>) {
  const total = ({ live, attack, undecided }: Counts) => live + attack + undecided;
  const share = (count: number, of: Counts) => `${count}/${total(of)}`;
  const attacks = ATTACKS.map((kind) => [kind, counts[kind]] as const);
  return {
    APCER: Object.fromEntries(attacks.map(([kind, of]) => [kind, share(of.live, of)])),
    highestAPCER: Math.max(...attacks.map(([, of]) => of.live / total(of))),
    APNRR: Object.fromEntries(attacks.map(([kind, of]) => [kind, share(of.undecided, of)])),
    BPCER: share(counts.living.attack, counts.living),
    BPNRR: share(counts.living.undecided, counts.living),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
