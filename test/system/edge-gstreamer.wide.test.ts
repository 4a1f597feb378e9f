import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraAccess } from '@dipper/edge/agent/camera/camera-access';
import { startCameraStreams } from '@dipper/edge/agent/camera/camera-streams';
import { systemClock } from '@dipper/edge/link/clock';
import type { DecodedFrame } from '@dipper/edge/video/decoded-frame';
import { startDecoder } from '@dipper/edge/video/decoder';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type GstreamerRtspServer, startGstreamerRtspServer } from '../support/gstreamer-rtsp-server.ts';
import { AWKWARD_LOGIN } from '../support/simulated-street.ts';
import { ffmpegPath } from '../support/test-stream.ts';
import { startWatchingCamera } from '../support/watching-camera.ts';

let server: GstreamerRtspServer;
beforeAll(async () => {
  server = await startGstreamerRtspServer(AWKWARD_LOGIN);
});
afterAll(() => server.stop());

function access({ main = 'main', sub = 'sub', login = AWKWARD_LOGIN } = {}): CameraAccess {
  return { main: { url: `${server.url}/${main}`, ...login }, sub: { url: `${server.url}/${sub}`, ...login } };
}

/** GStreamer's own clock is this machine's; a frame is here within a second. */
const MAX_AGE_MS = 1_500;
const FRAME_MS = 1_000 / 15;

test('both streams come in, decode, and are dated by the sender', async () => {
  const over = new AbortController();
  const { signal } = over;
  const shared = { ffmpegPath: ffmpegPath(), clock: systemClock, log: pino({ enabled: false }), signal };
  const streams = startCameraStreams({
    ...shared,
    find: async () => access(),
    onAccess: () => undefined,
    onState: () => undefined,
  });
  const decoder = startDecoder({ ...shared, ring: streams.rings.sub, framesPerSecond: 5 });
  const frames: DecodedFrame[] = [];
  try {
    for await (const frame of decoder.frames) {
      expect(Math.abs(Date.now() - frame.senderAtMs)).toBeLessThan(MAX_AGE_MS);
      if (frames.push(frame) === 25) break;
    }
    const [first, last] = [frames[0], frames.at(-1)];
    expect(first).toMatchObject({ widthPx: 640, heightPx: 360 });
    expect(Buffer.compare(first?.rgb ?? Buffer.of(), last?.rgb ?? Buffer.of()), 'the ball moves').not.toBe(0);
    const units = streams.rings.main.units();
    expect(units[0]?.init).toMatchObject({ widthPx: 1280, heightPx: 720 });
    expect(shareOfWholePictures(units.slice(-30))).toBeGreaterThan(0.8);
  } finally {
    over.abort();
    await streams.done;
  }
});

/**
 * How many times of the sender lie whole pictures apart (a live source leaves some out). Times of arrival, which stand in
 * for it until the first sender report is there, after two or three seconds, do so by chance: one in ten.
 */
function shareOfWholePictures(units: readonly { readonly senderAtMs: number }[]): number {
  const isWhole = units.slice(1).map((unit, place) => {
    const pictures = (unit.senderAtMs - (units[place]?.senderAtMs ?? 0)) / FRAME_MS;
    return Math.abs(pictures - Math.round(pictures)) < 0.05;
  });
  return isWhole.filter(Boolean).length / isWhole.length;
}

test('a wrong password is refused by name', async () => {
  const login = { ...AWKWARD_LOGIN, password: 'wrong' };
  const camera = startWatchingCamera({ device: 'camera', find: async () => access({ login }) });
  expect(await camera.isIn('refused')).toMatchObject({ cause: 'STREAM_REFUSED' });
  await camera.stop();
});

test('H.265 is kept and looked at as H.264 is', async () => {
  const camera = startWatchingCamera({ device: 'camera', find: async () => access({ main: 'hevc', sub: 'hevc-sub' }) });
  await camera.isIn('online');
  await eventually('pictures of the sub-stream', () => camera.stats().decoder.frames >= 5);
  expect(camera.states.at(-1)?.streams).toEqual({ main: 'H.265 640×360', sub: 'H.265 320×180' });
  const viewer = new AbortController();
  for await (const piece of camera.live('main', viewer.signal)) {
    expect(piece).toMatchObject({ kind: 'init', mime: expect.stringContaining('"hvc1.'), widthPx: 640, heightPx: 360 });
    break;
  }
  viewer.abort();
  await camera.stop();
});

test('Motion JPEG is refused by name, half a camera or a whole one, and other cameras go on', async () => {
  const [neighbour, half, whole] = [
    startWatchingCamera({ device: 'neighbour', find: async () => access() }),
    startWatchingCamera({ device: 'half', find: async () => access({ main: 'jpeg' }) }),
    startWatchingCamera({ device: 'whole', find: async () => access({ main: 'jpeg', sub: 'jpeg' }) }),
  ];
  await neighbour.isIn('online');
  const told = { cause: 'STREAM_CODEC_UNSUPPORTED', message: expect.stringContaining('it is Motion JPEG') };
  expect(await whole.isIn('refused')).toMatchObject(told);
  expect(await half.isIn('degraded')).toMatchObject({ ...told, streams: { sub: 'H.264 640×360' } });

  const framesOf = (camera: typeof half) => camera.stats().decoder.frames;
  const before = { neighbour: framesOf(neighbour), half: framesOf(half) };
  await sleep(2_000);
  expect(framesOf(neighbour) - before.neighbour).toBeGreaterThanOrEqual(7);
  expect(framesOf(half) - before.half).toBeGreaterThanOrEqual(7);
  expect(neighbour.states.at(-1)?.connection).toBe('online');
  // A camera that is told no is not asked at every turn.
  expect(whole.stats().streams.main?.runs).toBe(1);
  await Promise.all([neighbour.stop(), half.stop(), whole.stop()]);
});
