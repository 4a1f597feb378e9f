import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TransportPicture, TransportReader } from '../../../../../edge/video/mpeg1/transport-stream.ts';
import { VideoError } from '../../../../../edge/video/video-error.ts';
import { ffmpegPath } from '../../../../support/test-stream.ts';

const PICTURES = 30;
let stream: Buffer;
/** Noise at a quality that makes key frames of more than 65,535 bytes, whose length the stream does not tell. */
beforeAll(async () => {
  stream = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: [
      ...['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25,noise=alls=60:allf=t', '-frames:v', String(PICTURES)],
      ...['-c:v', 'mpeg1video', '-q:v', '3', '-g', '10', '-bf', '0'],
      ...['-muxdelay', '0', '-muxpreload', '0', '-omit_video_pes_length', '0', '-f', 'mpegts', 'pipe:1'],
    ],
    input: '',
    signal: AbortSignal.timeout(20_000),
  });
});

/** A linear congruential generator (Numerical Recipes): a failure can be repeated. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('a transport stream', () => {
  it('is cut into its pictures, however it arrives', () => {
    const random = createRandom(7);
    for (const most of [stream.length, 4_096, 100]) {
      const reader = new TransportReader();
      const pictures: TransportPicture[] = [];
      for (let at = 0; at < stream.length; ) {
        const end = at + 1 + random(most);
        pictures.push(...reader.push(stream.subarray(at, end)));
        at = end;
      }
      expect(pictures).toHaveLength(PICTURES);
      expect(pictures.filter(({ isKey }) => isKey)).toHaveLength(3);
      expect(pictures.slice(1).map(({ time }, place) => time - (pictures[place]?.time ?? 0))).toEqual(
        Array.from({ length: PICTURES - 1 }, () => 3_600),
      );
      expect(Math.max(...pictures.map(({ bytes }) => bytes.length)), 'a large one').toBeGreaterThan(70_000);
      // What is passed on is what came, but for the tables before the first picture, which come twice.
      const passedOn = Buffer.concat(pictures.map(({ bytes }) => bytes));
      expect(passedOn.equals(stream)).toBe(true);
      expect(stream.subarray(0, reader.head.length).equals(reader.head)).toBe(true);
      expect(reader.head.length).toBeGreaterThanOrEqual(2 * 188);
    }
  });

  it('gives each picture with its last packet, not with the next picture', () => {
    const reader = new TransportReader();
    const [first, second] = reader.push(stream);
    const one = new TransportReader();
    expect(one.push(stream.subarray(0, first?.bytes.length))).toHaveLength(1);
    expect(one.push(stream.subarray(first?.bytes.length).subarray(0, second?.bytes.length))).toHaveLength(1);
  });

  it('that is damaged gives pictures or a named error, nothing else', () => {
    const random = createRandom(11);
    let refusals = 0;
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(stream.subarray(0, 188 * 40));
      for (let flips = 1 + random(4); flips > 0; flips--) bytes[random(bytes.length)] = random(256);
      try {
        new TransportReader().push(bytes);
      } catch (error) {
        if (!(error instanceof VideoError)) throw error;
        refusals++;
      }
    }
    expect(refusals).toBeGreaterThan(5);
  });
});
