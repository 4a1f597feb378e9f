import { once } from 'node:events';
import { connect } from 'node:net';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { decodeFrames, viewStream } from '../support/rtsp-viewer.ts';
import { STREET_CREDENTIALS, startStreet } from '../support/street.ts';

const MAIN = { widthPx: 1_280, heightPx: 720 };
const SUB = { widthPx: 640, heightPx: 360 };

let street: Awaited<ReturnType<typeof startStreet>>;
const url = (stream: string) => `${street.addresses['rtsp']}/camera/${stream}`;
const view = (stream: string, frames: number, onPlaying?: () => void) =>
  viewStream({ url: url(stream), ...STREET_CREDENTIALS, frames, ...(onPlaying && { onPlaying }) });
const decode = async (stream: 'main' | 'sub', frames: number) =>
  decodeFrames(await view(stream, frames), { ...(stream === 'main' ? MAIN : SUB), ffmpegPath: street.ffmpegPath });

async function control(method: string, path: string, body?: object) {
  const init = { method, ...(body && { body: JSON.stringify(body) }) };
  const response = await fetch(`${street.addresses['control']}${path}`, init);
  // biome-ignore lint/suspicious/noExplicitAny: the tests read states and errors alike
  return { status: response.status, body: (await response.json()) as any };
}

const cameraState = async () => (await control('GET', '/state')).body.devices[0];

beforeAll(async () => {
  street = await startStreet();
}, 120_000);
afterAll(() => street.close());

test('main and sub show the same instant at the same sender time, and only sub carries the mark', async () => {
  let openWhilePlaying: unknown;
  const [main, sub] = await Promise.all([
    view('main', 20, async () => {
      openWhilePlaying = (await cameraState()).streams.map(({ open }: { open: number }) => open);
    }),
    view('sub', 20),
  ]);
  const [mainPictures, subPictures] = await Promise.all([
    decodeFrames(main, { ...MAIN, ffmpegPath: street.ffmpegPath }),
    decodeFrames(sub, { ...SUB, ffmpegPath: street.ffmpegPath }),
  ]);
  expect([mainPictures.length, subPictures.length]).toEqual([20, 20]);
  expect(new Set(mainPictures.map(({ hasSubMark }) => hasSubMark))).toEqual(new Set([false]));
  expect(new Set(subPictures.map(({ hasSubMark }) => hasSubMark))).toEqual(new Set([true]));
  const pairs = sub.flatMap((frame, index) => {
    const at = main.findIndex(({ senderTimeMs }) => Math.abs(senderTimeMs - frame.senderTimeMs) < 30);
    return at === -1 ? [] : [[mainPictures[at]?.counter, subPictures[index]?.counter]];
  });
  expect(pairs.length).toBeGreaterThan(10);
  for (const [inMain, inSub] of pairs) expect(inMain).toBe(inSub);
  expect(Math.abs(Date.now() - (main.at(-1)?.senderTimeMs ?? 0))).toBeLessThan(3_000);
  expect(openWhilePlaying).toEqual([1, 1]);
  const { streams } = await eventually('the sessions are closed', async () => {
    const state = await cameraState();
    return state.streams[0].open === 0 && state;
  });
  expect(streams).toMatchObject([
    { path: '/camera/main', openedEver: 1 },
    { path: '/camera/sub', openedEver: 1 },
  ]);
});

test('ffmpeg plays it with a password full of delimiters, and is refused with another', async () => {
  const play = async (password: string) => {
    const { username } = STREET_CREDENTIALS;
    const source = url('sub').replace('//', `//${username}:${encodeURIComponent(password)}@`);
    const run = runFfmpeg({
      path: street.ffmpegPath,
      args: ['-rtsp_transport', 'tcp', '-i', source, '-frames:v', '5', '-f', 'null', '-'],
      signal: AbortSignal.timeout(15_000),
    });
    run.stdout.resume();
    return run.ended;
  };
  expect(await play(STREET_CREDENTIALS.password)).toMatchObject({ exitCode: 0, stderrTail: '' });
  const refused = await play('p@:/?#');
  expect(refused.stderrTail).toContain('401 Unauthorized');
});

test('a malformed request is answered and disturbs nobody', async () => {
  const playing = view('sub', 20);
  const socket = connect(Number(new URL(url('sub')).port), '127.0.0.1');
  socket.write('BREW coffee\r\n\r\n');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toBe('RTSP/1.0 400 Bad Request\r\n\r\n');
  socket.destroy();
  expect((await playing).length).toBe(20);
});

test('a clock that is wrong by an hour shows in the sender reports', async () => {
  await control('PUT', '/devices/camera/faults/clock-offset', { seconds: 3_600 });
  const [frame] = await view('sub', 1);
  await control('DELETE', '/devices/camera/faults/clock-offset');
  expect(Math.abs((frame?.senderTimeMs ?? 0) - Date.now() - 3_600_000)).toBeLessThan(3_000);
});

test('frozen, the decoded picture does not change by one bit, counter included; then it goes on', async () => {
  await control('PUT', '/devices/camera/faults/freeze');
  const frozen = await decode('sub', 35);
  expect(new Set(frozen.map(({ rgb }) => rgb.toString('base64'))).size).toBe(1);
  expect(frozen[0]?.counter).toBe((await cameraState()).frameCounter);
  await control('DELETE', '/devices/camera/faults/freeze');
  const moving = await decode('sub', 10);
  expect(new Set(moving.map(({ counter }) => counter)).size).toBe(10);
});

test('unplugged, it drops who watches and lets nobody in, until it is plugged in again', async () => {
  let unplugging: Promise<unknown> | undefined;
  const watching = view('sub', 1_000, () => {
    unplugging = control('PUT', '/devices/camera/faults/unplug');
  });
  await expect(watching).rejects.toThrow();
  await unplugging;
  await expect(view('sub', 1)).rejects.toThrow();
  await expect(fetch(street.addresses['onvif:camera'] ?? '')).rejects.toThrow();
  await control('DELETE', '/devices/camera/faults/unplug');
  expect((await view('sub', 1)).length).toBe(1);
});

test('the control API refuses with a code', async () => {
  const refusal = async (method: string, path: string, body?: object) => {
    const answer = await control(method, path, body);
    return [answer.status, answer.body.code];
  };
  expect(await refusal('PUT', '/devices/nobody/faults/freeze')).toEqual([404, 'DEVICE_UNKNOWN']);
  expect(await refusal('PUT', '/devices/camera/faults/burn')).toEqual([404, 'FAULT_UNKNOWN']);
  expect(await refusal('PUT', '/devices/barrier/faults/freeze')).toEqual([409, 'FAULT_NOT_SUPPORTED']);
  expect(await refusal('PUT', '/devices/camera/faults/clock-offset', { hours: 1 })).toEqual([
    400,
    'FAULT_OPTIONS_INVALID',
  ]);
  expect(await refusal('POST', '/devices/camera/force')).toEqual([409, 'ACTION_NOT_SUPPORTED']);
  expect(await refusal('PUT', '/scene', { name: 'moon' })).toEqual([400, 'SCENE_UNKNOWN']);
  expect(await refusal('DELETE', '/scene')).toEqual([405, 'METHOD_NOT_ALLOWED']);
});
