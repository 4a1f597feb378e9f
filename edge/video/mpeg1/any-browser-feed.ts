import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { MPEG1_MIME } from '@dipper/contract/uplink';
import type { Logger } from 'pino';
import { createBackOff } from '../back-off.ts';
import { type LivePiece, liveFeed, MAX_LAG_MS } from '../live-feed.ts';
import type { Ring, VideoUnit } from '../ring.ts';
import { isVideoError } from '../video-error.ts';
import { mpeg1Size, startMpeg1Muxer } from './mpeg1-muxer.ts';
import { PictureTimes } from './picture-times.ts';
import { TransportReader } from './transport-stream.ts';

export interface AnyBrowserOptions {
  readonly ring: Ring;
  readonly ffmpegPath: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The ring's stream is of another codec now, or there is none any more; or the muxer has failed. */
type RunEnd = 'changed' | 'closed' | Error;

/**
 * A stream for viewers whose browser plays no H.265: H.264 as it was filmed, H.265 as MPEG-1, whichever the camera sends at
 * the time. Begins with the newest picture.
 */
export async function* anyBrowserFeed(options: AnyBrowserOptions): AsyncGenerator<LivePiece, void> {
  const { ring, log, signal } = options;
  const backOff = createBackOff({ firstMs: 500, maxMs: 10_000 });
  while (!signal.aborted) {
    const newest = await firstUnit(ring, signal);
    if (newest === undefined) return;
    const end: RunEnd = isPlayedEverywhere(newest)
      ? yield* asFilmed(options)
      : yield* asMpeg1(newest, options, backOff.reset);
    if (end === 'closed') return;
    if (end === 'changed') continue;
    const pauseMs = backOff.nextMs();
    if (!signal.aborted) log.warn({ err: end, pauseMs }, 'the MPEG-1 muxer is started again');
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function isPlayedEverywhere({ init }: VideoUnit): boolean {
  return init.format.kind === 'h264';
}

/** @returns undefined when there will be none */
async function firstUnit(ring: Ring, signal: AbortSignal): Promise<VideoUnit | undefined> {
  try {
    if (ring.newest() === undefined) await ring.next(signal);
    return ring.newest();
  } catch (error) {
    if (signal.aborted || isVideoError(error, 'STREAM_CLOSED')) return undefined;
    throw error;
  }
}

async function* asFilmed({ ring, signal }: AnyBrowserOptions): AsyncGenerator<LivePiece, RunEnd> {
  for await (const piece of liveFeed(ring, signal)) {
    if (piece.kind === 'init' && piece.format !== 'h264') return 'changed';
    yield piece;
  }
  return 'closed';
}

/**
 * ffmpeg looks at twenty pictures to guess a stream's rate before it puts anything out, and the muxer has no way to tell it not
 * to. They are taken from what the ring has already: a camera of five pictures a second would take four seconds to send them.
 */
const PROBED_UNITS = 24;

/** The key frame to begin with, so that the newest picture comes out at once. */
function beginningFor(ring: Ring, newest: VideoUnit): VideoUnit {
  const keys = ring.units().filter(({ init, fragment }) => init === newest.init && fragment.isKey);
  return keys.findLast(({ index }) => index <= newest.index - PROBED_UNITS) ?? keys[0] ?? newest;
}

/** One child, for one run of the stream. */
async function* asMpeg1(
  newest: VideoUnit,
  { ring, ffmpegPath, signal }: AnyBrowserOptions,
  onPicture: () => void,
): AsyncGenerator<LivePiece, RunEnd> {
  const { init } = newest;
  const firstTime = newest.fragment.presentationTime;
  const { atMs: fromMs } = beginningFor(ring, newest);
  const stop = new AbortController();
  const over = AbortSignal.any([signal, stop.signal]);
  const run = startMpeg1Muxer({ ffmpegPath, init, firstTime, signal: over });
  const gone = run.ended.then(() => undefined);
  const times = new PictureTimes();

  // What it begins with is older than what a viewer may be behind.
  const maxLagMs = MAX_LAG_MS + newest.atMs - fromMs;
  async function feed(): Promise<RunEnd> {
    for await (const unit of ring.reader({ from: { atMs: fromMs }, maxLagMs, signal: over })) {
      if (unit.init !== init) return 'changed';
      times.add(unit);
      if (!run.stdin.write(unit.fragment.bytes))
        await Promise.race([once(run.stdin, 'drain').catch(() => undefined), gone]);
    }
    return 'closed';
  }
  let fedEnd: RunEnd | undefined;
  const fed = feed().then((end) => {
    fedEnd = end;
    run.stdin.end();
  });
  const reader = new TransportReader();
  let isAnnounced = false;
  try {
    for await (const chunk of run.stdout as AsyncIterable<Buffer>) {
      for (const { bytes, isKey, time } of reader.push(chunk)) {
        const atMs = times.atMsOf(time);
        if (atMs === undefined) continue;
        if (!isAnnounced) {
          yield { kind: 'init', format: 'mpeg1', bytes: reader.head, mime: MPEG1_MIME, ...mpeg1Size(init), atMs };
        }
        isAnnounced = true;
        onPicture();
        yield { kind: isKey ? 'key' : 'delta', bytes, atMs };
      }
    }
    // Undefined while the stream goes on: the child has ended by itself.
    return signal.aborted ? 'closed' : (fedEnd ?? (await run.ended).error);
  } catch (error) {
    if (!isVideoError(error)) throw error;
    return error;
  } finally {
    stop.abort();
    await Promise.all([fed, gone]);
  }
}
