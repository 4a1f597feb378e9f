import { randomUUID } from 'node:crypto';
import { centreDistance, type PixelBox } from '../box.ts';
import type { PlateColour } from './plate-colour.ts';
import { createPlateMovement, type PlateDirection, type PlateMovement } from './plate-movement.ts';
import { createPlateVotes, type PlateVotes, type PlateWinner } from './plate-votes.ts';
import type { PlateReading } from './read-plates.ts';

/** A vehicle that comes or goes, and what its plate was found to be. */
export interface PlatePassage extends PlateWinner {
  /** Identifies the vehicle's track. A second passage of one track corrects the first: later frames outvoted it. */
  readonly track: string;
  readonly colour: PlateColour;
  readonly direction: PlateDirection;
  /** Where the plate was in the last frame that agreed. */
  readonly box: PixelBox;
  readonly firstSeenAtMs: number;
  /** When that frame was taken. */
  readonly atMs: number;
}

export interface PlateTrackerOptions {
  /** Frames that have to agree, never fewer than two. Default 2. */
  readonly minVotes?: number;
  /** A plate not seen for longer is another when it comes back. Default 3,000: fifteen frames at 5 fps. */
  readonly maxGapMs?: number;
  /** What has not moved for so long was there before. Default 10,000. */
  readonly parkedAfterMs?: number;
  /** The same plate, moving the same way within so long of being seen last, is the same passage. Default 60,000. */
  readonly againMs?: number;
  readonly createId?: () => string;
}

export interface PlateTracker {
  /** @param atMs when the frame was taken; never earlier than the one before. @returns what is to be told now */
  observe(readings: readonly PlateReading[], atMs: number): PlatePassage[];
  /** Ends all tracks, as when the stream ends. @returns what is still to be told */
  endAll(): PlatePassage[];
}

interface Track {
  readonly id: string;
  readonly firstSeenAtMs: number;
  readonly votes: PlateVotes;
  readonly movement: PlateMovement;
  /** The last reading of each text. */
  readonly readings: Map<string, { readonly reading: PlateReading; readonly atMs: number }>;
  last: PlateReading;
  lastSeenAtMs: number;
  told: string | undefined;
}

/** Centres of one plate in two frames lie within so many sizes: a car at 10 km/h moves by one plate's width at 5 fps. */
const MAX_DISTANCE = 2;
/** And it grows by no more. */
const MAX_GROWTH = 1.6;
/** Texts that differ in more characters are two plates; a misreading seldom gets more than two of them wrong. */
const MAX_DIFFERENCES = 3;

/**
 * Follows plates from frame to frame and tells of each vehicle once, when enough frames agree on its plate and it has been
 * seen to move. One that only stands is never told: it was parked there. Deterministic: time comes only from the frames.
 */
export function createPlateTracker(options: PlateTrackerOptions = {}): PlateTracker {
  const { minVotes = 2, maxGapMs = 3_000, parkedAfterMs = 10_000, againMs = 60_000, createId = randomUUID } = options;
  let tracks: Track[] = [];
  const passed = new Map<string, { direction: PlateDirection; lastSeenAtMs: number }>();

  function begin(reading: PlateReading, atMs: number): Track {
    return {
      ...{ id: createId(), firstSeenAtMs: atMs, last: reading, lastSeenAtMs: atMs, told: undefined },
      ...{ votes: createPlateVotes({ minVotes }), movement: createPlateMovement(parkedAfterMs), readings: new Map() },
    };
  }

  function take(track: Track, reading: PlateReading, atMs: number): void {
    track.votes.add(reading.text, reading.confidence);
    track.movement.observe(reading.box, atMs);
    track.readings.set(reading.text, { reading, atMs });
    track.last = reading;
    track.lastSeenAtMs = atMs;
  }

  /** @param isOver the vehicle is gone: which way it moved will not become clearer */
  function passageOf(track: Track, isOver: boolean): PlatePassage | undefined {
    const winner = track.votes.winner();
    const { direction } = track.movement;
    if (winner === undefined || direction === undefined || (direction === 'unknown' && !isOver)) return undefined;
    const seen = track.readings.get(winner.text);
    if (seen === undefined) return undefined;
    const before = passed.get(winner.text);
    const isAgain = before?.direction === direction && track.lastSeenAtMs - before.lastSeenAtMs <= againMs;
    passed.set(winner.text, { direction, lastSeenAtMs: track.lastSeenAtMs });
    if (track.told === winner.text) return undefined;
    track.told = winner.text;
    if (isAgain) return undefined;
    const { box, colour } = seen.reading;
    return {
      ...{ ...winner, track: track.id, colour, direction, box },
      ...{ firstSeenAtMs: track.firstSeenAtMs, atMs: seen.atMs },
    };
  }

  const tell = (some: readonly Track[], isOver: boolean): PlatePassage[] =>
    some.map((track) => passageOf(track, isOver)).filter((passage) => passage !== undefined);

  return {
    observe(readings, atMs) {
      const ended = tracks.filter((track) => atMs - track.lastSeenAtMs > maxGapMs);
      tracks = tracks.filter((track) => !ended.includes(track));
      for (const [text, { lastSeenAtMs }] of passed) if (atMs - lastSeenAtMs > againMs) passed.delete(text);

      const taken = new Map<PlateReading, Track>();
      const pairs = tracks
        .flatMap((track) => readings.map((reading) => ({ track, reading, closeness: closeness(track.last, reading) })))
        .filter((pair) => pair.closeness > 0)
        .sort((a, b) => b.closeness - a.closeness);
      for (const { track, reading } of pairs) {
        if (!taken.has(reading) && ![...taken.values()].includes(track)) taken.set(reading, track);
      }
      const seen = readings.map((reading) => {
        const track = taken.get(reading) ?? begin(reading, atMs);
        if (!taken.has(reading)) tracks.push(track);
        take(track, reading, atMs);
        return track;
      });
      return [...tell(ended, true), ...tell(seen, false)];
    },
    endAll() {
      const ended = tracks;
      tracks = [];
      return tell(ended, true);
    },
  };
}

/** 2 for the same text wherever it is, 0 to 1 for near places, 0 for two plates. */
function closeness(a: PlateReading, b: PlateReading): number {
  if (a.text === b.text) return 2;
  const growth = Math.sqrt((a.box.widthPx * a.box.heightPx) / (b.box.widthPx * b.box.heightPx));
  if (differences(a.text, b.text) > MAX_DIFFERENCES || growth > MAX_GROWTH || growth < 1 / MAX_GROWTH) return 0;
  return Math.max(0, 1 - centreDistance(a.box, b.box) / MAX_DISTANCE);
}

/** Places in which two texts differ; a missing character is one. */
function differences(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }).filter((_, place) => a[place] !== b[place]).length;
}
