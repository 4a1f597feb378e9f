import { FRAMES_PER_SEC, GROUP_FRAMES } from './encoded-loop.ts';

/** The main stream's picture. */
export const SCENE = { widthPx: 1920, heightPx: 1080 } as const;

/** One person in one frame. */
export interface Figure {
  /** Which of two ways people come: the left one, or the right one. */
  readonly lane: 0 | 1;
  /** Counts who comes by in this lane, so that neighbours in time are different people. */
  readonly visit: number;
  /** Frames since this person came into the picture, and how many it takes in all. */
  readonly sinceFrames: number;
  readonly frames: number;
  /** Centre of the face. */
  readonly faceXPx: number;
  readonly faceYPx: number;
  /** 1: a face 173 pixels high. */
  readonly scale: number;
  /** 0..1 */
  readonly opacity: number;
}

export interface Section {
  /** In groups of the loop. */
  readonly firstGroup: number;
  readonly groups: number;
}

/** A rush: a person every five seconds in each of two lanes, staying for six, so there are two faces all the time. */
const RUSH = { everyFrames: 5 * FRAMES_PER_SEC, frames: 6 * FRAMES_PER_SEC, walkFrames: 45, leaveFrames: 30 } as const;
/** Two people at once who are in the picture for two seconds. */
const WALK_IN = { frames: 2 * FRAMES_PER_SEC, walkFrames: 34, leaveFrames: 16, secondComesAfterFrames: 8 } as const;
/** Frames into a group at which they come: cameras do not put key frames where people are. */
const WALK_IN_STARTS = [0, 10, 20, 30, 40] as const;
const WALK_IN_GROUPS = 2;

/** Thirty seconds: repetitions sooner than 25 s would look like a freeze. */
export const BUSY: Section = { firstGroup: 0, groups: 15 };
/** 28 seconds; with what is left of the walk-ins before and after, thirty lie between two of them. */
export const QUIET: Section = { firstGroup: BUSY.groups, groups: 14 };
export const WALK_INS: readonly Section[] = WALK_IN_STARTS.map((_, place) => ({
  firstGroup: BUSY.groups + QUIET.groups + place * WALK_IN_GROUPS,
  groups: WALK_IN_GROUPS,
}));
export const LOOP_FRAMES = (BUSY.groups + QUIET.groups + WALK_IN_STARTS.length * WALK_IN_GROUPS) * GROUP_FRAMES;

/** What the drawing depends on. */
export const SCRIPT = { version: 1, RUSH, WALK_IN, WALK_IN_STARTS, BUSY, QUIET } as const;

/** Who is in the picture at a frame of the loop, farthest first. */
export function figuresAt(frame: number): Figure[] {
  const group = Math.floor(frame / GROUP_FRAMES);
  if (group < BUSY.groups) return rushAt(frame);
  const walkIn = WALK_INS.findIndex(({ firstGroup, groups }) => group >= firstGroup && group < firstGroup + groups);
  const section = WALK_INS[walkIn];
  return section === undefined ? [] : walkInAt(walkIn, frame - section.firstGroup * GROUP_FRAMES);
}

function rushAt(frame: number): Figure[] {
  const loopFrames = BUSY.groups * GROUP_FRAMES;
  const visits = loopFrames / RUSH.everyFrames;
  const figures = ([0, 1] as const).flatMap((lane) =>
    Array.from({ length: visits }, (_, visit): Figure[] => {
      const start = visit * RUSH.everyFrames + lane * Math.round(RUSH.everyFrames / 2);
      // Who comes near the end of the loop leaves at its beginning.
      const sinceFrames = (frame - start + loopFrames) % loopFrames;
      return sinceFrames < RUSH.frames ? [figure(lane, visit, sinceFrames, RUSH)] : [];
    }).flat(),
  );
  return figures.sort((a, b) => a.scale - b.scale);
}

function walkInAt(walkIn: number, frame: number): Figure[] {
  return ([0, 1] as const).flatMap((lane) => {
    const sinceFrames = frame - (WALK_IN_STARTS[walkIn] ?? 0) - lane * WALK_IN.secondComesAfterFrames;
    return sinceFrames >= 0 && sinceFrames < WALK_IN.frames ? [figure(lane, walkIn, sinceFrames, WALK_IN)] : [];
  });
}

const MIDDLE_X_PX = SCENE.widthPx / 2;
const EYE_LINE_PX = 440;
/** How far from the middle one appears, stands, and is gone. */
const OUTWARD_PX = { comes: 150, stands: 390, gone: 1_120 } as const;
const SCALE = { comes: 0.7, stands: 1.05, gone: 1.3 } as const;
const FADE_IN_FRAMES = 4;

/** Comes towards the camera from the middle of the picture, stands for what is left of the time, and leaves past it. */
function figure(
  lane: 0 | 1,
  visit: number,
  sinceFrames: number,
  pace: { readonly frames: number; readonly walkFrames: number; readonly leaveFrames: number },
): Figure {
  const walked = Math.min(1, sinceFrames / pace.walkFrames);
  const left = Math.max(0, (sinceFrames - (pace.frames - pace.leaveFrames)) / pace.leaveFrames) ** 1.4;
  const between = (values: Readonly<Record<'comes' | 'stands' | 'gone', number>>): number =>
    values.comes + (values.stands - values.comes) * walked + (values.gone - values.stands) * left;
  const scale = between(SCALE);
  const isStanding = walked === 1 && left === 0;
  // The head rises with every step; nobody stands quite still.
  const rise = isStanding ? Math.sin(sinceFrames / 15) * 3 : Math.abs(Math.sin(sinceFrames * 0.24)) * 11 * scale;
  return {
    ...{ lane, visit, sinceFrames, scale, frames: pace.frames },
    faceXPx: MIDDLE_X_PX + (lane === 0 ? -1 : 1) * between(OUTWARD_PX) + Math.sin(sinceFrames / 10) * 5,
    faceYPx: EYE_LINE_PX - rise,
    opacity: Math.min(1, (sinceFrames + 1) / FADE_IN_FRAMES),
  };
}
