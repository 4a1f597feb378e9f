import { beforeEach, expect, it } from 'vitest';
import type { PictureState } from '../../../../../edge/agent/camera/camera-state.ts';
import { createPictureHealth, type PictureHealth } from '../../../../../edge/agent/camera/picture-health.ts';
import type { DecodedFrame } from '../../../../../edge/video/decoded-frame.ts';

const START_MS = Date.UTC(2026, 5, 1);
let told: { type: string; phase: string; atSec: number; sinceSec: number }[];
let pictures: PictureState[];
let health: PictureHealth;
let nowMs: number;
beforeEach(() => {
  told = [];
  pictures = [];
  nowMs = START_MS;
  const tell = (type: string) => (atMs: number, data: { phase: string; since: string }) =>
    told.push({
      type,
      phase: data.phase,
      atSec: Math.round((atMs - START_MS) / 1000),
      sinceSec: Math.round((Date.parse(data.since) - START_MS) / 1000),
    });
  health = createPictureHealth({
    onPicture: (picture) => pictures.push(picture),
    onCovered: tell('covered'),
    onFrozen: tell('frozen'),
  });
});

/** A picture with much to see; each `shift` is another one. Without contrast it is a covered lens. */
function show(seconds: number, shift: (frame: number) => number, contrast = 200): void {
  const [widthPx, heightPx] = [160, 90];
  for (let frame = 0; frame < seconds * 4; frame++) {
    const rgb = new Uint8Array(widthPx * heightPx * 3);
    for (let pixel = 0; pixel < widthPx * heightPx; pixel++) {
      const x = (pixel % widthPx) + shift(frame);
      const y = Math.floor(pixel / widthPx);
      rgb.fill(Math.floor(x / 3 + y / 2) % 2 === 0 ? 20 : 20 + contrast, pixel * 3, pixel * 3 + 3);
    }
    const decoded = { rgb, widthPx, heightPx, atMs: nowMs, senderAtMs: nowMs } as DecodedFrame;
    health.observe(decoded);
    nowMs += 250;
  }
}
const moving = (frame: number) => frame;
const still = () => 0;

it('tells a frozen picture with the time it stopped, and its end', () => {
  show(5, moving);
  show(20, still);
  expect(pictures.at(-1)).toBe('frozen');
  show(5, moving);
  expect(pictures.at(-1)).toBe('ok');
  expect(told).toEqual([
    { type: 'frozen', phase: 'started', atSec: 5, sinceSec: 5 },
    { type: 'frozen', phase: 'ended', atSec: 25, sinceSec: 5 },
  ]);
});

it('tells a covered lens, and its end', () => {
  show(5, moving);
  show(6, moving, 1);
  expect(pictures.at(-1)).toBe('covered');
  show(6, moving);
  expect(told).toMatchObject([
    { type: 'covered', phase: 'started', atSec: 5 },
    { type: 'covered', phase: 'ended', atSec: 11, sinceSec: 5 },
  ]);
});

it('does not call a covered camera uncovered because it was away, nor covered again', () => {
  show(5, moving);
  show(6, moving, 1);
  health.lose();
  expect(pictures.at(-1)).toBe('unknown');
  nowMs += 60_000;
  show(10, moving, 1);
  expect(told).toHaveLength(1);
  health.lose();
  show(10, moving);
  expect(told.map(({ phase }) => phase)).toEqual(['started', 'ended']);
});
