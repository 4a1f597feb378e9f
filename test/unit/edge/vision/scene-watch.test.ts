import { detailedPictureOf } from '@dipper/edge/vision/detailed-picture';
import { createSceneWatch, otherShare } from '@dipper/edge/vision/scene-watch';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNoise, HEIGHT_PX, street, WIDTH_PX } from '../../../support/street-video.ts';

type Change = (value: number, xPx: number, yPx: number) => number;

let day: Uint8Array;
beforeAll(async () => {
  day = await street('day');
});

const pictureOf = (rgb: Uint8Array) => detailedPictureOf({ widthPx: WIDTH_PX, heightPx: HEIGHT_PX, rgb });

function changed(change: Change): Uint8Array {
  return day.map((value, at) => {
    const pixel = Math.floor(at / 3);
    return Math.max(0, Math.min(255, change(value, pixel % WIDTH_PX, Math.floor(pixel / WIDTH_PX))));
  });
}

/** The street as it stands when the camera has been turned by so many pixels. */
function turned(byPx: number): Uint8Array {
  const picture = new Uint8Array(day.length);
  for (let at = 0; at < day.length; at += 3) {
    const pixel = at / 3;
    const [x, y] = [pixel % WIDTH_PX, Math.floor(pixel / WIDTH_PX)];
    const from = (y * WIDTH_PX + Math.min(WIDTH_PX - 1, x + byPx)) * 3;
    picture.set(day.subarray(from, from + 3), at);
  }
  return picture;
}

describe('how much of a street is not where it was', () => {
  const shareOf = (rgb: Uint8Array) => otherShare(pictureOf(day).cells, pictureOf(rgb).cells);

  it.each<[string, Change]>([
    ['at a third of the light', (value) => value * 0.3 + 4],
    ['with a shadow over half of it', (value, x) => (x < WIDTH_PX / 2 ? value * 0.5 : value)],
    [
      'under a lamp at night',
      (value, x, y) => value * 0.4 + 120 * Math.exp(-((x - 320) ** 2 + (y - 180) ** 2) / 28_800),
    ],
    ['with somebody close by', (value, x) => (x > 200 && x < 330 ? 60 : value)],
    ['behind a lorry', (value, x, y) => (x > 60 && x < 440 && y > 80 ? 150 : value)],
  ])('%s: less than half', (_, change) => {
    expect(shareOf(createNoise(4)(changed(change)))).toBeLessThan(0.5);
  });

  it.each([16, 27, 53, 160])('turned by %i pixels: more than half', (byPx) => {
    expect(shareOf(createNoise(4)(turned(byPx)))).toBeGreaterThan(0.55);
  });
});

describe('createSceneWatch', () => {
  const SETTLED_SEC = 60;
  /** Shows a picture once a second; the seconds at which the verdict changed, with since when. */
  function show(
    watch: ReturnType<typeof createSceneWatch>,
    picture: Uint8Array | undefined,
    fromSec: number,
    seconds: number,
  ) {
    const changes: string[] = [];
    let before = watch.observe(fromSec * 1_000, picture && pictureOf(picture));
    for (let second = fromSec + 1; second < fromSec + seconds; second += 1) {
      const verdict = watch.observe(second * 1_000, picture && pictureOf(picture));
      if (verdict.isMoved !== before.isMoved)
        changes.push(`${verdict.isMoved}@${second} since ${verdict.sinceMs / 1_000}`);
      before = verdict;
    }
    return changes;
  }

  it('tells a turned camera after ten seconds, and when it is back', () => {
    const watch = createSceneWatch();
    expect(show(watch, day, 0, SETTLED_SEC)).toEqual([]);
    expect(show(watch, turned(53), 60, 30)).toEqual(['true@70 since 60']);
    expect(show(watch, day, 90, 20)).toEqual(['false@95 since 90']);
  });

  it('says nothing of what a covered lens hides, and knows the street again behind it', () => {
    const watch = createSceneWatch();
    show(watch, day, 0, SETTLED_SEC);
    expect(show(watch, undefined, 60, 60)).toEqual([]);
    expect(show(watch, turned(53), 120, 30)).toEqual(['true@130 since 120']);
  });

  it('takes a new scene for the usual one when it has stood for long, or when the camera is turned on purpose', () => {
    const watch = createSceneWatch({ acceptAfterMs: 30_000 });
    show(watch, day, 0, SETTLED_SEC);
    expect(show(watch, turned(53), 60, 60)).toEqual(['true@70 since 60', 'false@91 since 91']);
    watch.forget();
    expect(show(watch, day, 200, 60)).toEqual([]);
  });
});
