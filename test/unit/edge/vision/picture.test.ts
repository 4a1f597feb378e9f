import { matchFace } from '@dipper/edge/vision/match-face';
import { cutFacePicture } from '@dipper/edge/vision/picture';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';

/** Grey, with a red rectangle where the box is. */
function frameWith(box: { leftPx: number; topPx: number; widthPx: number; heightPx: number }) {
  const [widthPx, heightPx] = [200, 160];
  const rgb = new Uint8Array(widthPx * heightPx * 3).fill(90);
  for (let y = box.topPx; y < box.topPx + box.heightPx; y += 1) {
    for (let x = box.leftPx; x < box.leftPx + box.widthPx; x += 1) rgb.set([250, 10, 10], (y * widthPx + x) * 3);
  }
  return { widthPx, heightPx, rgb };
}

describe('the picture of a face', () => {
  test('is a JPEG with a margin, the face where it says, in the right colours, without metadata', async () => {
    const box = { leftPx: 80, topPx: 60, widthPx: 40, heightPx: 50 };
    const picture = await cutFacePicture(frameWith(box), box);
    expect(picture).toMatchObject({
      widthPx: 80,
      heightPx: 100,
      box: { leftPx: 20, topPx: 25, widthPx: 40, heightPx: 50 },
    });
    const { format, exif, xmp, width, height } = await sharp(picture.jpeg).metadata();
    expect({ format, exif, xmp, width, height }).toEqual({
      format: 'jpeg',
      exif: undefined,
      xmp: undefined,
      width: 80,
      height: 100,
    });
    const { data } = await sharp(picture.jpeg).raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [...data.subarray((y * 80 + x) * 3, (y * 80 + x) * 3 + 3)];
    expect(at(40, 50)[0]).toBeGreaterThan(230);
    expect(at(40, 50)[2]).toBeLessThan(40);
    expect(Math.abs((at(5, 5)[0] ?? 0) - 90)).toBeLessThan(8);
  });

  test('at the edge of the frame has as much margin as there is', async () => {
    const box = { leftPx: 0, topPx: 0, widthPx: 40, heightPx: 50 };
    const picture = await cutFacePicture(frameWith(box), box);
    expect(picture).toMatchObject({ widthPx: 60, heightPx: 75, box: { leftPx: 0, topPx: 0 } });
  });

  test('of nothing is refused', async () => {
    const outside = { leftPx: 300, topPx: 0, widthPx: 40, heightPx: 50 };
    await expect(cutFacePicture(frameWith({ ...outside, widthPx: 0 }), outside)).rejects.toMatchObject({
      code: 'FRAME_INVALID',
    });
  });
});

describe('the same face in the main stream', () => {
  const [sub, main] = [
    { widthPx: 640, heightPx: 360 },
    { widthPx: 1920, heightPx: 1080 },
  ];
  const wanted = { leftPx: 100, topPx: 100, widthPx: 40, heightPx: 52 };
  const face = (leftPx: number, topPx: number, widthPx = 120) => ({
    leftPx,
    topPx,
    widthPx,
    heightPx: widthPx * 1.3,
    score: 0.9,
  });

  test('is the one in the same place, not the surest', () => {
    const others = [{ ...face(700, 300), score: 1 }, face(420, 300)];
    expect(matchFace(wanted, sub, [...others, face(310, 290)], main)).toEqual(face(310, 290));
  });
  test('is none where nobody stands there, or somebody much nearer does', () => {
    expect(matchFace(wanted, sub, [face(700, 300)], main)).toBeUndefined();
    expect(matchFace(wanted, sub, [face(200, 200, 320)], main)).toBeUndefined();
    expect(matchFace(wanted, sub, [], main)).toBeUndefined();
  });
});
