import { createPictureWatch } from '@dipper/edge/vision/picture-watch';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { expect, test } from 'vitest';

const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
/** 80 s of people on a campus, PETS 2009, from Debian's opencv-doc. */
const PEDESTRIANS = '/usr/share/doc/opencv-doc/examples/data/vtest.avi';
const [widthPx, heightPx] = [640, 360];

test.each([80, 300])('real pedestrians at %i kbit/s are neither frozen nor covered', async (bitrateKbps) => {
  const signal = AbortSignal.timeout(120_000);
  const rate = ['-b:v', `${bitrateKbps}k`, '-maxrate', `${bitrateKbps}k`, '-bufsize', `${2 * bitrateKbps}k`];
  const video = await convertWithFfmpeg({
    path: ffmpeg,
    args: [
      ...['-i', PEDESTRIANS, '-vf', 'scale=640:480,crop=640:360', '-c:v', 'libx264', '-preset', 'veryfast', '-g', '20'],
      ...[...rate, '-f', 'h264', 'pipe:1'],
    ],
    input: '',
    signal,
  });
  const pictures = await convertWithFfmpeg({
    path: ffmpeg,
    args: [
      '-f',
      'h264',
      '-framerate',
      '10',
      '-i',
      'pipe:0',
      '-vf',
      'fps=1',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      'pipe:1',
    ],
    input: video,
    signal,
  });
  const frameBytes = widthPx * heightPx * 3;
  const count = pictures.length / frameBytes;
  expect(count).toBeGreaterThan(60);
  const watch = createPictureWatch();
  for (let index = 0; index < count; index += 1) {
    const rgb = pictures.subarray(index * frameBytes, (index + 1) * frameBytes);
    expect(watch.observe(index * 1000, { widthPx, heightPx, rgb })).toMatchObject({ state: 'ok' });
  }
});
