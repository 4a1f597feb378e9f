import type { FaceWorker } from '@dipper/edge/vision/face-worker';
import {
  createPresentationCheck,
  type PresentationSight,
  type PresentationVerdict,
} from '@dipper/edge/vision/presentation-check';
import type { RecognitionWorker } from '@dipper/edge/vision/recognition-worker';
import { sheetEdgeCount } from '@dipper/edge/vision/sheet-edges';
import { FRAME_GAP_MS, type Presentation, present, type Sitter } from './presentations.ts';

/** Frames of one attempt: two seconds at the pace of the sub-stream. */
const FRAMES = 10;

export const ATTACKS = ['print', 'screen', 'cut-out', 'replay'] as const satisfies readonly Presentation[];

export interface AttemptGround {
  readonly finding: FaceWorker;
  readonly recognising: RecognitionWorker;
  readonly people: readonly Sitter[];
}

/** What the camera and the models see of one attempt; which of the people sits for it follows from the seed. */
export async function attemptSights(
  { finding, recognising, people }: AttemptGround,
  kind: Presentation,
  seed: number,
): Promise<PresentationSight[]> {
  const sitter = people[seed % people.length];
  if (sitter === undefined) throw new Error('nobody sits for it');
  const sights: PresentationSight[] = [];
  for (const [index, frame] of (await present({ kind, sitter, seed, frameCount: FRAMES })).entries()) {
    const off = ({ leftPx, widthPx }: { leftPx: number; widthPx: number }) =>
      Math.abs(leftPx + widthPx / 2 - frame.widthPx / 2);
    const [box] = (await finding.detect(frame)).toSorted((a, b) => off(a) - off(b));
    if (box === undefined) continue;
    const [landmarks, liveScore] = await Promise.all([
      finding.landmarks(frame, box),
      recognising.liveScore(frame, box),
    ]);
    const sheetEdges = sheetEdgeCount(frame, box);
    sights.push({ atMs: index * FRAME_GAP_MS, box, landmarks, liveScore, sheetEdges });
  }
  return sights;
}

/** What the attempt comes to: the gate opens at the first frame that says `live`. */
export function verdictOf(sights: readonly PresentationSight[]): PresentationVerdict {
  const check = createPresentationCheck();
  let verdict: PresentationVerdict = 'undecided';
  for (const sight of sights) {
    ({ verdict } = check.observe(sight));
    if (verdict === 'live') break;
  }
  return verdict;
}
