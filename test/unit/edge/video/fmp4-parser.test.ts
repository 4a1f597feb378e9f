import { beforeAll, describe, expect, it } from 'vitest';
import { Fmp4Parser, type Segment } from '../../../../edge/video/fmp4-parser.ts';
import { VideoError } from '../../../../edge/video/video-error.ts';
import { parseAll, renderTestStream, type TestStream } from '../../../support/test-stream.ts';

let stream: TestStream;
beforeAll(async () => {
  stream = await renderTestStream();
});

function parsePieces(bytes: Buffer, pieceBytes: number): Segment[] {
  const parser = new Fmp4Parser({ maxBoxBytes: 1024 * 1024 });
  const segments: Segment[] = [];
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    segments.push(...parser.push(bytes.subarray(offset, offset + pieceBytes)));
  }
  parser.end();
  return segments;
}

describe('a whole stream', () => {
  it('tells what a decoder and a viewer need to know', () => {
    expect(stream.init).toMatchObject({ widthPx: 160, heightPx: 96, timescale: 90_000 });
    expect(stream.init.format).toMatchObject({ kind: 'h264', codec: expect.stringMatching(/^avc1\.4d[0-9a-f]{4}$/) });
  });

  it('gives one fragment per picture, with key frames, exact times and the wall clock', () => {
    const { fragments } = stream;
    expect(fragments).toHaveLength(50);
    expect(fragments.flatMap(({ isKey }, place) => (isKey ? [place] : []))).toEqual([0, 10, 20, 30, 40]);
    expect(fragments.map(({ presentationTime }) => presentationTime)).toEqual(
      Array.from({ length: 50 }, (_, picture) => picture * 3600),
    );
    for (const { senderAtMs } of fragments) expect(Math.abs((senderAtMs ?? 0) - Date.now())).toBeLessThan(30_000);
  });

  it('hands on the bytes untouched', () => {
    const withoutPrft = [stream.init.bytes, ...stream.fragments.map(({ bytes }) => bytes)];
    expect(parseAll(Buffer.concat(withoutPrft)).fragments.map(({ payload }) => payload)).toEqual(
      stream.fragments.map(({ payload }) => payload),
    );
  });

  it.each([1, 7, 1000, 65_536])('reads the same in pieces of %d bytes', (pieceBytes) => {
    const times = parsePieces(stream.bytes, pieceBytes).flatMap((segment) =>
      segment.kind === 'fragment' ? [segment.fragment.presentationTime, segment.fragment.bytes.length] : [],
    );
    expect(times).toEqual(stream.fragments.flatMap(({ presentationTime, bytes }) => [presentationTime, bytes.length]));
  });
});

describe('a broken stream', () => {
  it('is an error when it ends inside a fragment', () => {
    expect(() => parsePieces(stream.bytes.subarray(0, -5), 4096)).toThrow(
      expect.objectContaining({ code: 'MP4_TRUNCATED' }),
    );
  });

  it('is an error when a box claims more than is allowed, before its content is awaited', () => {
    const parser = new Fmp4Parser({ maxBoxBytes: 1000 });
    const header = Buffer.from([0, 0, 4, 1, ...Buffer.from('mdat')]);
    expect(() => [...parser.push(header)]).toThrow(expect.objectContaining({ code: 'MP4_BOX_TOO_LARGE' }));
  });

  it('is an error when a box claims 2^60 bytes in its large size', () => {
    const parser = new Fmp4Parser({ maxBoxBytes: 1000 });
    const header = Buffer.from([0, 0, 0, 1, ...Buffer.from('mdat'), 0x10, 0, 0, 0, 0, 0, 0, 0]);
    expect(() => [...parser.push(header)]).toThrow(expect.objectContaining({ code: 'MP4_BOX_TOO_LARGE' }));
  });

  it('of another codec is named', () => {
    const bytes = Buffer.from(stream.bytes);
    bytes.write('av01', bytes.indexOf('avc1', bytes.indexOf('stsd')), 'latin1');
    const error = { code: 'STREAM_CODEC_UNSUPPORTED', message: expect.stringContaining('it is AV1') };
    expect(() => parsePieces(bytes, 4096)).toThrow(expect.objectContaining(error));
  });

  it('never does anything else than give segments or throw a VideoError', () => {
    const whole = stream.bytes.subarray(0, 12_000);
    let refusals = 0;
    // A linear congruential generator (Numerical Recipes): a failure can be repeated.
    let seed = 20_260_601;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let round = 0; round < 2_000; round++) {
      const bytes = Buffer.from(whole);
      // Most of the structure is in the first kilobyte.
      for (let flips = 1 + random(4); flips > 0; flips--) {
        bytes[random(round % 2 === 0 ? 1_200 : bytes.length)] = random(256);
      }
      try {
        parsePieces(bytes.subarray(0, 600 + random(bytes.length - 600)), 1 + random(5_000));
      } catch (error) {
        if (!(error instanceof VideoError)) throw error;
        refusals++;
      }
    }
    expect(refusals).toBeGreaterThan(500);
  });
});
