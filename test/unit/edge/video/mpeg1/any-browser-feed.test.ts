import { MPEG1_MIME } from '@dipper/contract/uplink';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import type { InitSegment } from '../../../../../edge/video/init-segment.ts';
import type { LivePiece } from '../../../../../edge/video/live-feed.ts';
import { type AnyBrowserOptions, anyBrowserFeed } from '../../../../../edge/video/mpeg1/any-browser-feed.ts';
import { createRing } from '../../../../../edge/video/ring.ts';
import { processesWith } from '../../../../support/processes.ts';
import { ffmpegPath, renderTestStream, type TestStream } from '../../../../support/test-stream.ts';

/** The muxer takes what ffmpeg decodes: here H.264 that calls itself H.265, since not every ffmpeg can make that. */
function calledH265({ init }: TestStream): InitSegment {
  return { ...init, format: { kind: 'h265', codec: 'hvc1', parameterSets: { vps: [], sps: [], pps: [] } } };
}

/** In the environment of children, by which they are found. */
const MARK = 'DIPPER_TEST_FEED';
const START_MS = 1_000_000;

function openFeed(ffmpeg = ffmpegPath()) {
  const stop = new AbortController();
  const ring = createRing({ maxBytes: 1e7, preRollMs: 60_000 });
  const options: AnyBrowserOptions = { ring, ffmpegPath: ffmpeg, log: pino({ enabled: false }), signal: stop.signal };
  let index = 0;
  return {
    ring,
    stop,
    feed: anyBrowserFeed(options),
    append(init: InitSegment, fragments: TestStream['fragments']) {
      for (const fragment of fragments) {
        const atMs = START_MS + 40 * index++;
        ring.append({ init, fragment, atMs, senderAtMs: atMs });
      }
    },
  };
}

it('sends H.265 as MPEG-1 from the newest picture on, and H.264 as it is once the camera sends that', async () => {
  const [first, second] = await Promise.all([
    renderTestStream({ pictures: 100, groupLength: 40 }),
    renderTestStream({ pictures: 5, widthPx: 320, heightPx: 192 }),
  ]);
  const { ring, feed, append } = openFeed();
  append(calledH265(first), first.fragments.slice(0, 60));
  const beginning = feed.next();
  append(ring.newest()?.init ?? first.init, first.fragments.slice(60));
  append(second.init, second.fragments);
  ring.close();
  const pieces: LivePiece[] = [(await beginning).value as LivePiece];
  for await (const piece of feed) pieces.push(piece);

  expect(pieces[0]).toMatchObject({ kind: 'init', format: 'mpeg1', mime: MPEG1_MIME, widthPx: 160, heightPx: 96 });
  const place = pieces.findIndex((piece) => piece.kind === 'init' && piece.format === 'h264');
  const pictures = pieces.slice(1, place);
  expect(pictures.map(({ atMs }) => (atMs - START_MS) / 40)).toEqual(Array.from({ length: 41 }, (_, at) => 59 + at));
  expect(pictures.map(({ kind }) => kind).filter((kind) => kind === 'key')).toHaveLength(2);
  expect(pictures[0]?.kind).toBe('key');
  expect(pieces.slice(place).map(({ kind }) => kind)).toEqual(['init', 'key', 'delta', 'delta', 'delta', 'delta']);
});

it('leaves no child behind when its viewer goes', async () => {
  const stream = await renderTestStream({ pictures: 50 });
  const mark = crypto.randomUUID();
  process.env[MARK] = mark;
  onTestFinished(() => void delete process.env[MARK]);
  const { ring, feed, append } = openFeed();
  append(calledH265(stream), stream.fragments.slice(0, 40));
  const beginning = feed.next();
  append(ring.newest()?.init ?? stream.init, stream.fragments.slice(40));
  expect((await beginning).value).toMatchObject({ format: 'mpeg1' });
  expect(processesWith(MARK, mark)).toHaveLength(1);
  await feed.return(undefined);
  expect(processesWith(MARK, mark)).toEqual([]);
});

it('tries again when the muxer cannot be started, and ends with its signal', async () => {
  const stream = await renderTestStream({ pictures: 5 });
  const { feed, append, stop } = openFeed('/nowhere/ffmpeg');
  append(calledH265(stream), stream.fragments);
  const next = feed.next();
  setTimeout(() => stop.abort(), 300);
  expect((await next).done).toBe(true);
});
