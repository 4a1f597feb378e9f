import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { DigestGuard } from '@dipper/simulator/auth/digest';
import { DeviceClock, systemClock } from '@dipper/simulator/device/device-clock';
import { RtspServer } from '@dipper/simulator/rtsp/rtsp-server';
import { RtspStream } from '@dipper/simulator/rtsp/rtsp-stream';
import { nalType, splitAnnexB } from '@dipper/simulator/scene/clip';
import { HEIGHT_PX, street, WIDTH_PX } from '../support/street-video.ts';

export interface NoisyCamera extends AsyncDisposable {
  readonly main: string;
  readonly sub: string;
  /** Of the camera with this number, from 0. */
  addressOf(camera: number): { readonly main: string; readonly sub: string };
  readonly login: { readonly username: string; readonly password: string };
  /** Average of the main stream, kbit/s. */
  readonly mainKbps: number;
  /** Resolves when so many more frames of the main stream have been sent. */
  frames(count: number): Promise<void>;
}

/** Rendered once: the same seed, picture and options make the same bytes with the same ffmpeg. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/dipper-bench', import.meta.url));

interface Loop {
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly frames: readonly (readonly Buffer[])[];
}

export const FRAMES_PER_SEC = 25;
/** Longer than the 25 s that the picture is compared over: a repetition would look like a freeze. */
const LOOP_SEC = 30;
const GROUP_FRAMES = 50;
const SLICE = { plain: 1, idr: 5, sps: 7, pps: 8 } as const;

/** A street in which nothing happens but the noise of the sensor, as 1080p25 of 4 Mbit/s and 640 x 360 of 512 kbit/s. */
export async function startNoisyCamera(ffmpegPath: string, seed: number): Promise<NoisyCamera> {
  return startNoisyCameras(ffmpegPath, seed, 1);
}

/** So many of them that film the same at the same time, each with sessions of its own; the first one's addresses are `main` and `sub`. */
export async function startNoisyCameras(ffmpegPath: string, seed: number, count: number): Promise<NoisyCamera> {
  const picture = Buffer.from(await street('day'));
  const main = await render(ffmpegPath, picture, { size: '1920:1080', kbps: 4_000, seed });
  const sub = await render(ffmpegPath, picture, { size: '640:360', kbps: 512, seed });
  const server = new RtspServer();
  const login = { username: 'bench', password: 'bench' };
  const startedAtMs = systemClock();
  const mount = (path: string, { sps, pps }: Loop): RtspStream => {
    const stream = new RtspStream({
      ...{ path, sps, pps, framesPerSec: FRAMES_PER_SEC, clock: new DeviceClock(systemClock) },
      mediaNowMs: () => systemClock() - startedAtMs,
    });
    const guard = new DigestGuard({ realm: 'bench', credentials: () => login, qop: 'none', nowMs: systemClock });
    server.mount({ deviceId: 'camera', stream, guard, isUnplugged: () => false, replyDelayMs: () => 0 });
    return stream;
  };
  const cameras = Array.from({ length: count }, (_, camera) => ({
    main: mount(`/${camera}/main`, main),
    sub: mount(`/${camera}/sub`, sub),
  }));
  const port = await server.listen('127.0.0.1', 0);
  const owner = new AbortController();
  let sent = 0;
  let waiting: { readonly at: number; readonly resolve: () => void }[] = [];

  async function play(): Promise<void> {
    for (let frame = 0; !owner.signal.aborted; frame++) {
      const mediaTimeMs = (frame * 1_000) / FRAMES_PER_SEC;
      const waitMs = startedAtMs + mediaTimeMs - systemClock();
      if (waitMs > 1) await sleep(waitMs, undefined, { signal: owner.signal }).catch(() => undefined);
      const isKey = frame % GROUP_FRAMES === 0;
      for (const streams of cameras) {
        streams.main.send({ units: main.frames[frame % main.frames.length] ?? [], isKey, mediaTimeMs });
        streams.sub.send({ units: sub.frames[frame % sub.frames.length] ?? [], isKey, mediaTimeMs });
      }
      sent++;
      for (const { at, resolve } of waiting) if (at <= sent) resolve();
      waiting = waiting.filter(({ at }) => at > sent);
    }
  }
  const playing = play();

  const addressOf = (camera: number) => ({
    main: `rtsp://127.0.0.1:${port}/${camera}/main`,
    sub: `rtsp://127.0.0.1:${port}/${camera}/sub`,
  });
  const bytes = main.frames.flat().reduce((sum, unit) => sum + unit.length, 0);
  return {
    ...addressOf(0),
    login,
    addressOf,
    mainKbps: Math.round((bytes * 8) / LOOP_SEC / 1_000),
    frames(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ at: sent + count, resolve });
      return promise;
    },
    async [Symbol.asyncDispose]() {
      owner.abort();
      await playing;
      await server.close();
    },
  };
}

/** The picture with fresh noise in each frame, encoded at a constant rate; a loop that begins with a key frame. */
async function render(
  ffmpegPath: string,
  picture: Buffer,
  { size, kbps, seed }: { readonly size: string; readonly kbps: number; readonly seed: number },
): Promise<Loop> {
  const frames = LOOP_SEC * FRAMES_PER_SEC;
  const still = `loop=loop=${frames - 1}:size=1,setpts=N/${FRAMES_PER_SEC}/TB`;
  const args = [
    ...['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${WIDTH_PX}x${HEIGHT_PX}`, '-framerate', '25'],
    ...['-i', 'pipe:0', '-vf', `scale=${size},format=yuv420p,${still},noise=all_seed=${seed}:alls=14:allf=t`],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-bf', '0', '-g', String(GROUP_FRAMES)],
    ...['-keyint_min', String(GROUP_FRAMES), '-sc_threshold', '0', '-frames:v', String(frames)],
    ...['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`],
    ...['-x264-params', 'nal-hrd=cbr:sliced-threads=0', '-f', 'h264', 'pipe:1'],
  ];
  const annexB = await cached([ffmpegPath, ...args], picture, () =>
    convertWithFfmpeg({ path: ffmpegPath, args, input: picture, signal: AbortSignal.timeout(180_000) }),
  );
  const units = splitAnnexB(annexB);
  const ofType = (type: number): Buffer => units.find((unit) => nalType(unit) === type) ?? Buffer.alloc(0);
  const pictures: Buffer[][] = [];
  for (const unit of units) {
    if (nalType(unit) !== SLICE.plain && nalType(unit) !== SLICE.idr) continue;
    // first_mb_in_slice 0, ITU-T H.264 §7.3.3: another picture begins.
    if (((unit[1] ?? 0) & 0x80) !== 0) pictures.push([unit]);
    else pictures.at(-1)?.push(unit);
  }
  if (pictures.length !== frames) throw new Error(`ffmpeg encoded ${pictures.length} of ${frames} frames`);
  return { sps: ofType(SLICE.sps), pps: ofType(SLICE.pps), frames: pictures };
}

async function cached(command: readonly string[], input: Buffer, make: () => Promise<Buffer>): Promise<Buffer> {
  const name = createHash('sha256').update(command.join('\n')).update(input).digest('hex').slice(0, 16);
  const path = join(CACHE, `${name}.h264`);
  const known = await readFile(path).catch(() => undefined);
  if (known !== undefined) return known;
  const made = await make();
  await mkdir(CACHE, { recursive: true });
  // Renamed last, so a file with this name is whole.
  await writeFile(`${path}.${process.pid}`, made);
  await rename(`${path}.${process.pid}`, path);
  return made;
}
