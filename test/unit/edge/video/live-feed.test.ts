import { expect, it } from 'vitest';
import { type LivePiece, liveFeed } from '../../../../edge/video/live-feed.ts';
import { createRing } from '../../../../edge/video/ring.ts';
import { renderTestStream, type TestStream } from '../../../support/test-stream.ts';

it('starts with the key frame of the current group and announces new parameters before their first picture', async () => {
  const [first, second] = await Promise.all([
    renderTestStream({ pictures: 15 }),
    renderTestStream({ pictures: 5, widthPx: 320, heightPx: 192 }),
  ]);
  const ring = createRing({ maxBytes: 1e6, preRollMs: 60_000 });
  const append = ({ init, fragments }: TestStream, startMs: number) => {
    for (const fragment of fragments) {
      const atMs = startMs + fragment.presentationTime / 90;
      ring.append({ init, fragment, atMs, senderAtMs: atMs });
    }
  };
  append(first, 0);
  const pieces: LivePiece[] = [];
  for await (const piece of liveFeed(ring, new AbortController().signal)) {
    pieces.push(piece);
    if (pieces.length === 6) append(second, 1_000);
    if (pieces.length === 12) break;
  }
  expect(pieces.map(({ kind }) => kind)).toEqual([
    ...['init', 'key', 'delta', 'delta', 'delta', 'delta'],
    ...['init', 'key', 'delta', 'delta', 'delta', 'delta'],
  ]);
  expect(pieces[0]).toMatchObject({ widthPx: 160, mime: expect.stringMatching(/^video\/mp4; codecs="avc1\./) });
  expect(pieces[1]?.atMs).toBe(400);
  expect(pieces[6]).toMatchObject({ widthPx: 320, heightPx: 192 });
});

it('announces the same stream anew after a reconnect: its decode times begin again', async () => {
  const [first, again] = await Promise.all([renderTestStream({ pictures: 3 }), renderTestStream({ pictures: 3 })]);
  expect(again.init.bytes).toEqual(first.init.bytes);
  const ring = createRing({ maxBytes: 1e6, preRollMs: 60_000 });
  for (const [run, { init, fragments }] of [first, again].entries()) {
    for (const fragment of fragments) {
      const atMs = run * 60_000 + fragment.presentationTime / 90;
      ring.append({ init, fragment, atMs, senderAtMs: atMs });
    }
  }
  ring.close();
  const units = ring.units();
  expect(units[3]?.fragment.presentationTime).toBeLessThan(units[2]?.fragment.presentationTime ?? 0);
  const reader = { ...ring, reader: () => ring.reader({ from: { atMs: 0 } }) };
  const kinds: string[] = [];
  for await (const { kind } of liveFeed(reader, new AbortController().signal)) kinds.push(kind);
  expect(kinds).toEqual(['init', 'key', 'delta', 'delta', 'init', 'key', 'delta', 'delta']);
});
