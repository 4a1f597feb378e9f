import type { FaceAssessment } from './face-quality.ts';

export interface ShotCandidate extends FaceAssessment {
  /** When its frame was taken. */
  readonly atMs: number;
}

export interface BestShotsOptions {
  /** How long to wait for a better shot after the first adequate one. Default 3,000: a guard should see who came. */
  readonly waitMs?: number;
}

export interface BestShots<C extends ShotCandidate> {
  /** Whether another look at this track may still matter: its shot has not been given out. */
  wants(track: string): boolean;
  /** A face of this track was seen. */
  offer(track: string, candidate: C): void;
  /** The shots whose time has come by `atMs`: each track gives one, ever. */
  takeDue(atMs: number): { readonly track: string; readonly shot: C }[];
  /** The track ended. @returns its best shot, unless that was given out before or none was adequate */
  end(track: string): C | undefined;
}

interface Waiting<C> {
  best: C;
  readonly firstAdequateAtMs: number;
}

/**
 * Keeps the best adequate shot of each track and says when to send it: at the track's end, or `waitMs` after its first
 * adequate one, whichever comes first. Of equally good shots the earlier stays.
 */
export function createBestShots<C extends ShotCandidate>(options: BestShotsOptions = {}): BestShots<C> {
  const { waitMs = 3_000 } = options;
  const waiting = new Map<string, Waiting<C>>();
  const sent = new Set<string>();

  return {
    wants: (track) => !sent.has(track),
    offer(track, candidate) {
      if (!candidate.adequate || sent.has(track)) return;
      const known = waiting.get(track);
      if (known === undefined) waiting.set(track, { best: candidate, firstAdequateAtMs: candidate.atMs });
      else if (candidate.quality.score > known.best.quality.score) known.best = candidate;
    },
    takeDue(atMs) {
      const due = [...waiting].filter(([, { firstAdequateAtMs }]) => atMs - firstAdequateAtMs >= waitMs);
      return due.map(([track, { best: shot }]) => {
        waiting.delete(track);
        sent.add(track);
        return { track, shot };
      });
    },
    end(track) {
      const best = waiting.get(track)?.best;
      waiting.delete(track);
      sent.delete(track);
      return best;
    },
  };
}
