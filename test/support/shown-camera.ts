import type { CameraAccess } from '@dipper/edge/agent/camera/camera-access';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { Camera } from '@dipper/simulator/camera/camera';
import { Device } from '@dipper/simulator/device/device';
import { systemClock } from '@dipper/simulator/device/device-clock';
import { RtspServer } from '@dipper/simulator/rtsp/rtsp-server';
import { parseClip } from '@dipper/simulator/scene/clip';
import type { ClipPair } from '@dipper/simulator/scene/clip-library';
import { FRAMES_PER_GROUP, FRAMES_PER_SEC } from '@dipper/simulator/scene/walk';
import { FRAME_GAP_MS } from './presentations.ts';
import { ffmpegPath } from './test-stream.ts';

const LOGIN = { username: 'operator', password: 'look at me' };
/** The camera is quicker than what is presented to it: it sees each picture some times. */
const REPEATED = (FRAME_GAP_MS * FRAMES_PER_SEC) / 1_000;
/** Pictures in a group of the stream: clips are a whole number of these. */
export const PICTURES_PER_GROUP = FRAMES_PER_GROUP / REPEATED;

/** A simulated camera that shows over real RTSP what a test made, again and again. */
export interface ShownCamera<Name extends string> {
  readonly access: CameraAccess;
  /** Shows something else from the next key frame on. @returns once it is shown */
  show(name: Name): Promise<void>;
  close(): Promise<void>;
}

/** @param clips pictures of one size, equally many for each clip, `FRAME_GAP_MS` apart; the first clip is shown first */
export async function startShownCamera<Name extends string>(
  clips: Readonly<Record<Name, readonly RgbFrame[]>>,
): Promise<ShownCamera<Name>> {
  const encoded = new Map<string, ClipPair>();
  for (const [name, pictures] of Object.entries<readonly RgbFrame[]>(clips)) encoded.set(name, await encode(pictures));
  const owner = new AbortController();
  const device = new Device({
    id: 'shown',
    identity: { manufacturer: 'Dipper Simulator', model: 'Gate', firmwareVersion: '1.10', serialNumber: 'shown' },
    credentials: LOGIN,
    trueClock: systemClock,
  });
  const [first] = encoded.values();
  if (first === undefined) throw new Error('there is nothing to show');
  const camera = await Camera.start({
    ...{ device, scene: 'people', signal: owner.signal },
    library: { frames: first.main.frames.length, get: async () => first },
  });
  const rtsp = new RtspServer();
  camera.mountOn(rtsp);
  const port = await rtsp.listen('127.0.0.1', 0);
  const stream = (name: 'main' | 'sub') => ({ url: `rtsp://127.0.0.1:${port}/shown/${name}`, ...LOGIN });
  return {
    access: { main: stream('main'), sub: stream('sub'), model: 'Gate' },
    async show(name) {
      const clip = encoded.get(name);
      if (clip !== undefined) await camera.feed.show(clip);
    },
    async close() {
      owner.abort();
      await rtsp.close();
    },
  };
}

/** Both streams are the same one: what is presented is as large as a sub-stream. */
async function encode(pictures: readonly RgbFrame[]): Promise<ClipPair> {
  const [first] = pictures;
  if (first === undefined) throw new Error('a clip has no pictures');
  const stream = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: [
      ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${first.widthPx}x${first.heightPx}`],
      ...['-r', String(FRAMES_PER_SEC), '-i', 'pipe:0', '-pix_fmt', 'yuv420p'],
      ...['-c:v', 'libx264', '-profile:v', 'baseline', '-level', '3.0', '-preset', 'superfast', '-crf', '20'],
      ...['-g', String(FRAMES_PER_GROUP), '-keyint_min', String(FRAMES_PER_GROUP), '-sc_threshold', '0', '-bf', '0'],
      ...['-x264-params', 'stitchable=1:weightp=0:sliced-threads=0:force-cfr=1:ref=1', '-f', 'h264', 'pipe:1'],
    ],
    input: Buffer.concat(pictures.flatMap(({ rgb }) => Array.from({ length: REPEATED }, () => rgb))),
    signal: AbortSignal.timeout(60_000),
  });
  const clip = parseClip(stream, pictures.length * REPEATED);
  return { main: clip, sub: clip };
}
