import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { EVENTS } from '@dipper/contract/events';
import { createValidator } from '@dipper/contract/validation';
import { startCameraStreams } from '@dipper/edge/agent/camera/camera-streams';
import { startFaceWatch } from '@dipper/edge/agent/camera/face-watch';
import { createShotCutter, type ShotCutterOptions, surroundingsOf } from '@dipper/edge/agent/camera/shot-cutter';
import { systemClock } from '@dipper/edge/link/clock';
import type { DecodedFrame } from '@dipper/edge/video/decoded-frame';
import { startDecoder } from '@dipper/edge/video/decoder';
import type { LivePiece } from '@dipper/edge/video/live-feed';
import { createRing, type Ring } from '@dipper/edge/video/ring';
import { centreDistance, scaleBox } from '@dipper/edge/vision/box';
import type { FaceLook, FaceShot } from '@dipper/edge/vision/face-capture';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { hasSubMark, readFrameCounter } from '@dipper/simulator/scene/frame-counter';
import { FRAMES_PER_SEC } from '@dipper/simulator/scene/walk';
import { pino } from 'pino';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { processesWith } from '../support/processes.ts';
import { AWKWARD_LOGIN } from '../support/simulated-street.ts';
import { ffmpegPath } from '../support/test-stream.ts';
import { watchedStreet } from '../support/watched-street.ts';
import { wholePicture } from '../support/watching-camera.ts';

/** A walker comes by every 13 s, and the detector may be slow on a busy machine. */
const NEXT_FACE_MS = 25_000;

const CAMERA_PROCESS = fileURLToPath(new URL('../support/camera-process.ts', import.meta.url));

const street = watchedStreet({ cameras: ['entrance', 'clockwork'], hasFaceModels: true });

describe.concurrent('a face that comes by', () => {
  it('is told of with a picture cut from the main stream, and dated right though the camera is an hour off', async () => {
    await street.estate.setFault('clockwork', 'clock-offset', { seconds: 3_600 });
    const camera = street.watch('clockwork', { models: street.models });
    const event = await eventually('a capture', () => camera.eventsOf('face.captured').find(isFromMain), {
      withinMs: NEXT_FACE_MS,
    });
    // The counter says when that frame was really shown.
    const place = camera.eventsOf('face.captured').indexOf(event);
    const frame = camera.cutFrom[place];
    const counter = frame && readFrameCounter(frame.rgb, frame.widthPx, frame.heightPx);
    const { devices, loopFrames } = street.estate.state;
    const shownNow = devices.find(({ id }) => id === 'clockwork')?.frameCounter ?? Number.NaN;
    const ageMs = (((shownNow - (counter ?? Number.NaN) + loopFrames) % loopFrames) / FRAMES_PER_SEC) * 1000;
    expect(Math.abs(Date.now() - ageMs - event.occurredAtMs)).toBeLessThan(1_000);
    expect(Date.parse(event.data.senderAt) - event.occurredAtMs).toBeGreaterThan(3_599_000);

    expect(frame && hasSubMark(frame.rgb, frame.widthPx, frame.heightPx)).toBe(false);
    expect(event).toMatchObject({ device: 'clockwork', place: 'entrance' });
    expect(event.data.frame).toEqual({ widthPx: 1280, heightPx: 720 });
    expect(event.data.media).toMatchObject({ mime: 'image/jpeg' });
    createValidator(EVENTS['face.captured'].data).parse(event.data, 'EVENT_INVALID');

    // The picture is the face with some margin, not the street.
    const picture = await sharp(camera.pictures[place]).metadata();
    expect(picture.format).toBe('jpeg');
    expect(picture.width / 1280).toBeLessThan(event.data.box.width * 2.2);
    expect(picture.width / 1280).toBeGreaterThan(event.data.box.width);
    expect(street.sessions('clockwork')).toEqual([
      { open: 1, openedEver: 1 },
      { open: 1, openedEver: 1 },
    ]);
    await camera.stop();
    await eventually('the sessions end', () => street.sessions('clockwork').every(({ open }) => open === 0));
    // One event a track.
    const tracks = camera.eventsOf('face.captured').map(({ data }) => data.track);
    expect(new Set(tracks).size).toBe(tracks.length);
  }, 60_000);

  it('is cut from the tracked moment of the main stream, and from the sub-stream only when main has none', async () => {
    const shots = await trackOneFace('entrance');
    const { shot, fromMain, surroundings, withoutMain } = shots;
    const counterOf = ({ rgb, widthPx, heightPx }: RgbFrame) => readFrameCounter(rgb, widthPx, heightPx) ?? Number.NaN;
    const hasMark = ({ rgb, widthPx, heightPx }: RgbFrame) => hasSubMark(rgb, widthPx, heightPx);

    expect(hasMark(shot.frame)).toBe(true);
    expect(fromMain.source).toBe('main');
    expect(hasMark(fromMain.frame)).toBe(false);
    expect(Math.abs(counterOf(fromMain.frame) - counterOf(shot.frame))).toBeLessThanOrEqual(2);
    // The same face: in the same place, with more pixels.
    expect(fromMain.quality.sizePx).toBeGreaterThan(shot.quality.sizePx * 1.3);
    expect(fromMain.adequate).toBe(true);

    // As it is deployed: any look that is about as good, and of the picture what surrounds the face.
    expect(surroundings.source).toBe('main');
    expect(surroundings.picture).toEqual({ widthPx: 1280, heightPx: 720 });
    const awayMs = ({ seenIn }: FaceLook<DecodedFrame>) => Math.abs(seenIn.senderAtMs - surroundings.frame.senderAtMs);
    const look = shot.looks.toSorted((a, b) => awayMs(a) - awayMs(b))[0];
    const expected = scaleBox(look?.box ?? shot.box, shot.frame, surroundings.picture);
    const { widthPx, heightPx } = surroundingsOf(expected, surroundings.picture);
    expect(surroundings.frame).toMatchObject({ widthPx, heightPx });
    // It was found in a part of the picture, and is told where it stands in the whole of it.
    expect(centreDistance(surroundings.place, expected)).toBeLessThan(0.75);

    expect(withoutMain.source).toBe('sub');
    expect(withoutMain.frame).toBe(shot.frame);
    expect(hasMark(withoutMain.frame)).toBe(true);
  }, 60_000);
});

/** Watches both streams until a face was best, and cuts it with and without the main stream. */
async function trackOneFace(device: string) {
  const over = new AbortController();
  const { signal } = over;
  const log = pino({ enabled: false });
  const shared = { ffmpegPath: ffmpegPath(), clock: systemClock, log, signal };
  const find = async () => street.access(device);
  const streams = startCameraStreams({ ...shared, find, onAccess: () => undefined, onState: () => undefined });
  const decoder = startDecoder({ ...shared, ring: streams.rings.sub, framesPerSecond: 5 });
  const found = Promise.withResolvers<FaceShot<DecodedFrame>>();
  const watch = startFaceWatch({
    models: street.models.forStream(),
    waitMs: 600,
    onShot: found.resolve,
    clock: systemClock,
    log,
  });
  const watching = (async () => {
    for await (const frame of decoder.frames) watch.offer(frame);
  })();
  try {
    const shot = await found.promise;
    const cutter = (mainRing: Ring, more: Partial<ShotCutterOptions> = {}) =>
      createShotCutter({ ...shared, mainRing, models: street.models.forStream(), ...more });
    const thatMoment = { ...shot, looks: [] };
    const withheld = createRing({ maxBytes: 1, preRollMs: 0 });
    return {
      shot,
      fromMain: await cutter(streams.rings.main, { regionAround: wholePicture }).cut(thatMoment),
      surroundings: await cutter(streams.rings.main).cut(shot),
      withoutMain: await cutter(withheld).cut(shot),
    };
  } finally {
    over.abort();
    await Promise.all([watching, streams.done, watch.close()]);
  }
}

const isFromMain = (event: { data: { source: string } }): boolean => event.data.source === 'main';

it('an empty street gives no capture, and its picture is fine', async () => {
  await street.estate.showScene('empty');
  const camera = street.watch('entrance', { models: street.models });
  await camera.isIn('online');
  await eventually('frames are looked at', () => (camera.stats().faces?.observed ?? 0) >= 12, { withinMs: 20_000 });
  expect(camera.eventsOf('face.captured')).toEqual([]);
  expect(camera.states.at(-1)).toMatchObject({
    kind: 'camera',
    device: 'entrance',
    connection: 'online',
    picture: 'ok',
    model: 'Street Camera',
    streams: { main: 'H.264 1280×720', sub: 'H.264 640×360' },
  });
  // Its first good pictures end what the hub may hold from before; nothing begins.
  const begun = camera.events.filter(({ data }) => !('phase' in data && data.phase === 'ended'));
  expect(begun.map(({ type }) => type)).toEqual(['camera.online']);
  await camera.stop();
}, 60_000);

it('a camera that is unplugged is told of, comes back by itself, and refuses a wrong password by name', async () => {
  const camera = street.watch('entrance', { blipMs: 500 });
  await camera.isIn('online');
  const viewer = new AbortController();
  const watched: LivePiece[] = [];
  const watching = (async () => {
    for await (const piece of camera.live('sub', viewer.signal)) watched.push(piece);
  })();
  const wasOffline = camera.eventsOf('camera.offline').length;
  const before = street.sessions('entrance').map(({ openedEver }) => openedEver);
  await street.estate.setFault('entrance', 'unplug');
  const { cause } = await camera.isIn('unreachable');
  expect(cause).toMatch(/^STREAM_(ENDED|UNREACHABLE|INVALID)$/);
  const offline = await eventually('the outage is told', () => camera.eventsOf('camera.offline')[wasOffline]);
  await street.estate.clearFault('entrance', 'unplug');
  await camera.isIn('online');
  const online = camera.eventsOf('camera.online').at(-1);
  expect(online?.data.outageMs).toBeGreaterThan(500);
  expect(Math.abs((online?.occurredAtMs ?? 0) - (online?.data.outageMs ?? 0) - offline.occurredAtMs)).toBeLessThan(50);
  expect(street.sessions('entrance')).toEqual(before.map((count) => ({ open: 1, openedEver: count + 1 })));
  // Decode times begin anew with the session: whoever watched through it is told so before the first new picture.
  await eventually('the live view goes on', () => watched.filter(({ kind }) => kind === 'init').length === 2);
  const anew = watched.findLastIndex(({ kind }) => kind === 'init');
  await eventually('the first new picture', () => watched.length > anew + 1);
  expect(watched[anew + 1]?.kind).toBe('key');
  expect(decodeTime(watched[anew + 1])).toBeLessThan(decodeTime(watched[anew - 1]));
  viewer.abort();
  await watching;

  await street.estate.setFault('entrance', 'wrong-password');
  expect((await camera.isIn('refused')).cause).toBe('STREAM_REFUSED');
  await camera.stop();
}, 60_000);

it.each([
  // TCP to a broadcast address: the kernel says ENETUNREACH, as it does without a route.
  ['a network there is no way to', 'rtsp://127.255.255.255', 'STREAM_NO_ROUTE'],
  ['a host whose server is stopped', 'rtsp://127.0.0.1:1', 'STREAM_UNREACHABLE'],
])('%s is named as the cause', async (_what, host, cause) => {
  const find = async () => ({ main: { url: `${host}/main` }, sub: { url: `${host}/sub` } });
  const camera = street.watch('entrance', { find, blipMs: 2_000 });
  expect(await camera.isIn('unreachable')).toMatchObject({ cause });
  const offline = await eventually('it is told', () => camera.eventsOf('camera.offline')[0]);
  expect(offline.data.cause).toBe(cause);
  expect(camera.stats().connection.causes[cause]).toBeGreaterThanOrEqual(2);
  await camera.stop();
});

/** `baseMediaDecodeTime`, ISO/IEC 14496-12 §8.8.12: version and flags, then 32 bits or 64. */
function decodeTime(piece: LivePiece | undefined): number {
  const bytes = Buffer.from(piece?.bytes ?? []);
  const at = bytes.indexOf('tfdt') + 4;
  return bytes[at] === 1 ? Number(bytes.readBigUInt64BE(at + 4)) : bytes.readUInt32BE(at + 4);
}

it('a camera with a single stream is asked for a single session, and both ends live on it', async () => {
  const { main } = street.access('clockwork');
  const [before] = street.sessions('clockwork');
  const camera = street.watch('clockwork', { find: async () => ({ main, sub: main }) });
  const { streams } = await camera.isIn('online');
  expect(streams).toEqual({ main: 'H.264 1280×720', sub: 'H.264 1280×720' });
  await eventually('frames for the detector', () => camera.stats().decoder.frames > 3);
  expect(camera.stats().rings.main.keptUnits).toBeGreaterThan(0);
  expect(street.sessions('clockwork')[0]).toEqual({ open: 1, openedEver: (before?.openedEver ?? 0) + 1 });
  await camera.stop();
});

describe('a process that keeps a camera', () => {
  it('shows the password to nobody, whatever fails, and leaves no ffmpeg behind when it is killed', async () => {
    const mark = randomUUID();
    const rtsp = street.access('clockwork').main.url.replace(/\/main$/, '');
    // The sub-stream does not exist: ffmpeg complains about it, address and password included.
    const env = { RTSP: rtsp, LOGIN: JSON.stringify(AWKWARD_LOGIN), SUB: 'nothing-here', DIPPER_TEST_MARK: mark };
    const child = spawn(process.execPath, [CAMERA_PROCESS], { env: { ...process.env, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const family = () => processesWith('DIPPER_TEST_MARK', mark);
    const isFfmpeg = ({ command }: { command: string }) => command.includes('write_prft');

    await eventually('one stream is kept and one refused', () => output.includes('state degraded STREAM_NOT_FOUND'));
    await eventually('ffmpeg runs', () => family().some(isFfmpeg));
    const seen = `${output}\n${family()
      .map(({ command }) => command)
      .join('\n')}`;
    const { username, password } = AWKWARD_LOGIN;
    for (const form of [password, encodeURIComponent(password), `${username}:`]) expect(seen).not.toContain(form);

    child.kill('SIGKILL');
    await eventually('nobody is left', () => family().length === 0, { withinMs: 8_000 });
  }, 30_000);
});
