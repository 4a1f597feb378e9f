import { createCameraFinder } from '@dipper/edge/agent/find-camera';
import { exportFile, type FilePiece, mimeOf } from '@dipper/edge/video/playback/export-file';
import { playRecording } from '@dipper/edge/video/playback/playback-feed';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { readFrameCounter } from '@dipper/simulator/scene/frame-counter';
import { FRAMES_PER_GROUP } from '@dipper/simulator/scene/walk';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openRecordingGround } from '../support/recording-ground.ts';
import { STREET_CREDENTIALS, startStreet } from '../support/street.ts';
import { ffmpegPath } from '../support/test-stream.ts';
import { startWatchingCamera } from '../support/watching-camera.ts';

const [WIDTH, HEIGHT] = [1280, 720];
const GROUPS = 3;

it('a simulated camera of H.265 is found over ONVIF, recorded untouched, and exported as a file that decodes', async () => {
  const device = { id: 'camera', kind: 'camera', httpPort: 0, codec: 'h265', ...STREET_CREDENTIALS } as const;
  const street = await startStreet({ scene: 'still', devices: [device] });
  onTestFinished(() => street.close());
  await using ground = await openRecordingGround({ segmentMs: 60_000 });
  ground.clockMs = Date.now();
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const onvif = { url: street.addresses['onvif:camera'] ?? '', ...STREET_CREDENTIALS };
  const find = createCameraFinder({ onvif, streams: {} }, pino({ enabled: false }), over.signal);
  const camera = startWatchingCamera({
    ...{ device: 'gate', find },
    recording: { store: ground.store, mode: 'continuous' },
  });
  await camera.isIn('online');
  await eventually('groups are recorded', () => (camera.stats().recorder?.groups ?? 0) >= GROUPS, { withinMs: 30_000 });
  await eventually('the sub-stream is looked at', () => camera.stats().decoder.frames > 0, { withinMs: 30_000 });
  await camera.stop();
  // The sub-stream of a camera that films H.265 is H.264 where there is one.
  expect(camera.states.at(-1)?.streams).toEqual({ main: 'H.265 1280×720', sub: 'H.264 640×360' });

  const range = { store: ground.store, device: 'gate', fromMs: 0, untilMs: Date.now() + 60_000 };
  const pieces: FilePiece[] = [];
  for await (const piece of exportFile(range).pieces) pieces.push(piece);
  const [head] = pieces;
  if (head === undefined) throw new Error('nothing was recorded');
  expect(mimeOf(head.bytes)).toMatch(/^video\/mp4; codecs="hvc1\./);
  const rgb = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: ['-xerror', '-f', 'mp4', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
    input: Buffer.concat(pieces.map(({ bytes }) => bytes)),
    signal: AbortSignal.timeout(60_000),
  });
  const size = WIDTH * HEIGHT * 3;
  const counters = Array.from({ length: rgb.length / size }, (_, picture) =>
    readFrameCounter(rgb.subarray(picture * size, (picture + 1) * size), WIDTH, HEIGHT),
  );
  expect(counters.length).toBeGreaterThanOrEqual(GROUPS * FRAMES_PER_GROUP);
  const first = counters[0] ?? Number.NaN;
  expect(counters).toEqual(counters.map((_, place) => (first + place) % street.estate.state.loopFrames));

  for await (const piece of playRecording({ ...range, atMs: head.atMs, admit: async () => undefined })) {
    expect(piece).toMatchObject({ kind: 'init', format: 'h265' });
    break;
  }
}, 180_000);
