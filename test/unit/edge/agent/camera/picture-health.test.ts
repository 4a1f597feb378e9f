import { beforeEach, expect, it } from 'vitest';
import type { PictureState } from '../../../../../edge/agent/camera/camera-state.ts';
import { createPictureHealth, type PictureHealth } from '../../../../../edge/agent/camera/picture-health.ts';
import type { DecodedFrame } from '../../../../../edge/video/decoded-frame.ts';

const START_MS = Date.UTC(2026, 5, 1);
let told: { type: string; phase: string; atSec: number; sinceSec: number }[];
let pictures: PictureState[];
let health: PictureHealth;
let nowMs = START_MS;
/** An agent that has just started. */
function start(): PictureHealth {
  const tell = (type: string) => (atMs: number, data: { phase: string; since: string }) =>
    told.push({
      type,
      phase: data.phase,
      atSec: Math.round((atMs - START_MS) / 1000),
      sinceSec: Math.round((Date.parse(data.since) - START_MS) / 1000),
    });
  return createPictureHealth({
    onPicture: (picture) => pictures.push(picture),
    onTampered: (atMs, data) => tell(data.kind)(atMs, data),
    onFrozen: tell('frozen'),
  });
}

/** An agent that has told, half a minute after its start, that the picture is fine. */
beforeEach(() => {
  nowMs = START_MS - 30_000;
  told = [];
  pictures = [];
  health = start();
  show(30, moving);
  told = [];
  pictures = [];
});

const [WIDTH_PX, HEIGHT_PX] = [160, 90];
const views = new Map<string, Uint8Array>();

/** Patches of two brightnesses: what the camera shows where it hangs. */
function patches(view: number, contrast: number): Uint8Array {
  const key = `${view} ${contrast}`;
  const drawn = views.get(key) ?? new Uint8Array(WIDTH_PX * HEIGHT_PX);
  if (!views.has(key)) {
    for (const pixel of drawn.keys()) {
      const [x, y] = [pixel % WIDTH_PX, Math.floor(pixel / WIDTH_PX)];
      drawn[pixel] = isBrightPatch(Math.floor(x / 4), Math.floor(y / 4), view) ? 20 + contrast : 20;
    }
    views.set(key, drawn);
  }
  return drawn;
}

/** A view under a grain that is drawn anew for each `scene`. Without contrast it is a covered lens. */
function show(seconds: number, scene: () => number, { contrast = 200, view = 0 } = {}): void {
  const picture = patches(view, contrast);
  let rgb = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3);
  for (let frame = 0; frame < seconds * 4; frame++) {
    // One frame a second is looked at.
    const isLookedAt = frame % 4 === 0;
    if (isLookedAt) rgb = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3);
    for (const [pixel, luma] of isLookedAt ? picture.entries() : []) {
      const grain = contrast > 50 && isBrightPatch(pixel % WIDTH_PX, pixel, scene() + 1) ? 4 : 0;
      rgb.fill(luma + grain, pixel * 3, pixel * 3 + 3);
    }
    const decoded = { rgb, widthPx: WIDTH_PX, heightPx: HEIGHT_PX, atMs: nowMs, senderAtMs: nowMs } as DecodedFrame;
    health.observe(decoded);
    nowMs += 250;
  }
}

/** One bit of a hash (multipliers of MurmurHash3's finaliser): no two scenes are alike. */
function isBrightPatch(x: number, y: number, scene: number): boolean {
  let hash = Math.imul(scene * 7_919 + y * 251 + x + 1, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash >>> 16) & 1) === 1;
}
const moving = () => nowMs / 250;
const still = () => 0;
const covered = { contrast: 1 };

it('tells a frozen picture with the time it stopped, and its end', () => {
  show(5, moving);
  show(20, still);
  expect(pictures.at(-1)).toBe('frozen');
  show(20, moving);
  expect(pictures.at(-1)).toBe('ok');
  expect(told).toEqual([
    { type: 'frozen', phase: 'started', atSec: 5, sinceSec: 5 },
    { type: 'frozen', phase: 'ended', atSec: expect.closeTo(25, -1), sinceSec: 5 },
  ]);
});

it.each([
  ['exactly', still, 1],
  ['behind a running clock that hides it now and then', still, 3],
])('a freeze that outlasts an outage, %s, is one freeze', (_how, scene, seconds) => {
  show(5, moving);
  show(20, scene);
  health.lose();
  nowMs += 60_000;
  expect(pictures.at(-1)).toBe('unknown');
  // One second in `seconds` looks as before; the others the encoder spoils.
  for (let at = 0; at < 30; at++) show(1, at % seconds === 0 ? scene : moving);
  expect(told).toHaveLength(1);
  expect(pictures.at(-1)).toBe('frozen');
  health.lose();
  show(30, moving);
  expect(told.map(({ phase }) => phase)).toEqual(['started', 'ended']);
});

it('tells a covered lens, and its end', () => {
  show(5, moving);
  show(6, moving, covered);
  expect(pictures.at(-1)).toBe('covered');
  show(6, moving);
  expect(told).toMatchObject([
    { type: 'covered', phase: 'started', atSec: 5 },
    { type: 'covered', phase: 'ended', atSec: 11, sinceSec: 5 },
  ]);
});

it('does not call a covered camera uncovered because it was away, nor covered again', () => {
  show(5, moving);
  show(6, moving, covered);
  health.lose();
  expect(pictures.at(-1)).toBe('unknown');
  nowMs += 60_000;
  show(10, moving, covered);
  expect(told).toHaveLength(1);
  health.lose();
  show(10, moving);
  expect(told.map(({ phase }) => phase)).toEqual(['started', 'ended']);
});

it('ends once, after a start, what the hub may still hold: a lens was uncovered, a picture thawed while nobody watched', () => {
  health = start();
  show(3, moving);
  expect(told).toEqual([]);
  show(27, moving);
  expect(told).toEqual([
    { type: 'covered', phase: 'ended', atSec: 0, sinceSec: 0 },
    { type: 'moved', phase: 'ended', atSec: 0, sinceSec: 0 },
    { type: 'frozen', phase: 'ended', atSec: 0, sinceSec: 0 },
  ]);
  health.lose();
  show(30, moving);
  expect(told).toHaveLength(3);
});

it('does not end a trouble that is still there after a start', () => {
  health = start();
  show(10, moving, covered);
  expect(told).toMatchObject([{ type: 'covered', phase: 'started' }]);
  show(40, moving);
  expect(told).toMatchObject([
    { type: 'covered', phase: 'started' },
    { type: 'covered', phase: 'ended', atSec: 10 },
    { type: 'moved', phase: 'ended', atSec: 10 },
    { type: 'frozen', phase: 'ended', atSec: 10 },
  ]);
});

it('tells that a camera was turned, also while it was away, and that it is back', () => {
  show(12, moving, { view: 1 });
  expect(pictures.at(-1)).toBe('moved');
  expect(told).toMatchObject([{ type: 'moved', phase: 'started' }]);
  show(8, moving);
  expect(pictures.at(-1)).toBe('ok');
  expect(told.at(-1)).toMatchObject({ type: 'moved', phase: 'ended' });
  health.lose();
  nowMs += 60_000;
  show(12, moving, { view: 2 });
  expect(told.at(-1)).toMatchObject({ type: 'moved', phase: 'started' });
});

it('lets a camera be turned on purpose, also when pictures of before are on their way still', () => {
  health.turn(nowMs);
  show(8, moving);
  health.turn(nowMs + 4_000);
  show(4, moving);
  show(30, moving, { view: 1 });
  expect(told).toEqual([]);
});
