import { Readable } from 'node:stream';
import { rawPictures } from '@dipper/edge/video/raw-pictures';
import { expect, test } from 'vitest';

const SIZE = { widthPx: 2, heightPx: 1 };
const told = (...ticks: (number | string)[]) =>
  Readable.from([
    Buffer.from(ticks.map((pts, frame) => `frame:${frame}    pts:${pts}    pts_time:0\ndipper=1\n`).join('')),
  ]);
const bytesIn = (...sizes: number[]) => {
  let value = 0;
  return Readable.from(sizes.map((size) => Buffer.from(Array.from({ length: size }, () => value++))));
};

async function all(bytes: Readable, instants: Readable) {
  const pictures: [number, number[]][] = [];
  for await (const { rgb, presentationTime } of rawPictures(bytes, instants, SIZE)) {
    pictures.push([presentationTime, [...rgb]]);
  }
  return pictures;
}

test('pictures come with their instants, however the pipe cuts them', async () => {
  const pictures = [
    [0, [0, 1, 2, 3, 4, 5]],
    [6_000, [6, 7, 8, 9, 10, 11]],
    [12_000, [12, 13, 14, 15, 16, 17]],
  ];
  expect(await all(bytesIn(18), told(0, 6_000, 12_000))).toEqual(pictures);
  expect(await all(bytesIn(1, 4, 3, 10), told(0, 6_000, 12_000))).toEqual(pictures);
});

test('a picture that is cut off is none', async () => {
  expect(await all(bytesIn(8), told(0, 6_000))).toEqual([[0, [0, 1, 2, 3, 4, 5]]]);
});

test('a picture without an instant, or with what is none, is an error', async () => {
  await expect(all(bytesIn(12), told(0))).rejects.toMatchObject({ code: 'PICTURES_INVALID' });
  await expect(all(bytesIn(6), told('NOPTS'))).rejects.toMatchObject({ code: 'PICTURES_INVALID' });
});
