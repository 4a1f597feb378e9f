import { setTimeout as sleep } from 'node:timers/promises';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { DigestGuard } from '@dipper/simulator/auth/digest';
import { DeviceClock, systemClock } from '@dipper/simulator/device/device-clock';
import { RtspServer } from '@dipper/simulator/rtsp/rtsp-server';
import { type AccessUnit, RtspStream } from '@dipper/simulator/rtsp/rtsp-stream';
import { nalType, splitAnnexB } from '@dipper/simulator/scene/clip';
import { ffmpegPath } from './test-stream.ts';

const FRAMES_PER_SEC = 15;
const GROUP_FRAMES = 15;
const HOUR_MS = 3_600_000;
const LOGIN = { username: 'camera', password: 'secret' };

/** What a camera sends instead of the picture that is due; undefined for nothing at all. */
export type Lie = (honest: AccessUnit) => AccessUnit | undefined;

export const LIES = {
  /** H.265 under a description that says H.264: a slice whose two bytes of header are no type H.264 knows. */
  'another codec': (honest) => ({
    ...honest,
    units: honest.units.map((unit) => Buffer.concat([Buffer.from(honest.isKey ? [0x26, 0x01] : [0x02, 0x01]), unit])),
  }),
  garbage: (honest) => ({ ...honest, units: [noise(honest.mediaTimeMs, 400), noise(honest.mediaTimeMs + 1, 4_000)] }),
  'a time gone back': (honest) => ({ ...honest, mediaTimeMs: honest.mediaTimeMs - HOUR_MS }),
  silence: () => undefined,
} satisfies Record<string, Lie>;

/** Bytes without meaning, the same for the same seed (Numerical Recipes' linear congruence). */
function noise(seed: number, bytes: number): Buffer {
  let state = Math.round(seed) >>> 0;
  return Buffer.from(
    Array.from({ length: bytes }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

export interface LyingCameras extends AsyncDisposable {
  /** Where a camera's only stream is, with its login. */
  access(camera: string): { readonly url: string; readonly username: string; readonly password: string };
  /** Has a camera send something else from now on; undefined: the truth. */
  tell(camera: string, lie: Lie | undefined): void;
  /** How many frames each camera has sent or kept back. */
  readonly frames: number;
}

/** Cameras on one RTSP server, without ONVIF, that can be made to send anything; their connections stay open. */
export async function startLyingCameras(cameras: readonly string[]): Promise<LyingCameras> {
  const { sps, pps, frames } = await render();
  const server = new RtspServer();
  const startedAtMs = systemClock() - 2 * HOUR_MS;
  const lies = new Map<string, Lie>();
  const streams = cameras.map((camera) => {
    const stream = new RtspStream({
      ...{ path: `/${camera}`, sps, pps, framesPerSec: FRAMES_PER_SEC, clock: new DeviceClock(systemClock) },
      mediaNowMs: () => systemClock() - startedAtMs,
    });
    const guard = new DigestGuard({ realm: 'street', credentials: () => LOGIN, qop: 'none', nowMs: systemClock });
    server.mount({ deviceId: camera, stream, guard, isUnplugged: () => false, replyDelayMs: () => 0 });
    return { camera, stream };
  });
  const port = await server.listen('127.0.0.1', 0);
  const owner = new AbortController();
  let sent = 0;

  async function play(): Promise<void> {
    const firstAtMs = systemClock() - startedAtMs;
    for (; !owner.signal.aborted; sent += 1) {
      const mediaTimeMs = firstAtMs + (sent * 1_000) / FRAMES_PER_SEC;
      const waitMs = startedAtMs + mediaTimeMs - systemClock();
      if (waitMs > 1) await sleep(waitMs, undefined, { signal: owner.signal }).catch(() => undefined);
      const honest = { units: frames[sent % frames.length] ?? [], isKey: sent % GROUP_FRAMES === 0, mediaTimeMs };
      for (const { camera, stream } of streams) {
        const lie = lies.get(camera);
        const unit = lie === undefined ? honest : lie(honest);
        if (unit !== undefined) stream.send(unit);
      }
    }
  }
  const playing = play();

  return {
    access: (camera) => ({ url: `rtsp://127.0.0.1:${port}/${camera}`, ...LOGIN }),
    tell(camera, lie) {
      if (lie === undefined) lies.delete(camera);
      else lies.set(camera, lie);
    },
    get frames() {
      return sent;
    },
    async [Symbol.asyncDispose]() {
      owner.abort();
      await playing;
      await server.close();
    },
  };
}

/** Two seconds of a test pattern that moves, in groups of one second. */
async function render() {
  const annexB = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: [
      ...['-f', 'lavfi', '-i', `testsrc=s=320x192:r=${FRAMES_PER_SEC}`, '-frames:v', String(2 * GROUP_FRAMES)],
      ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'baseline', '-bf', '0'],
      ...['-g', String(GROUP_FRAMES), '-keyint_min', String(GROUP_FRAMES), '-sc_threshold', '0'],
      ...['-x264-params', 'sliced-threads=0', '-f', 'h264', 'pipe:1'],
    ],
    input: '',
    signal: AbortSignal.timeout(30_000),
  });
  const units = splitAnnexB(annexB);
  const ofType = (type: number): Buffer => units.find((unit) => nalType(unit) === type) ?? Buffer.alloc(0);
  const frames = units.filter((unit) => [1, 5].includes(nalType(unit))).map((unit) => [unit]);
  if (frames.length !== 2 * GROUP_FRAMES) throw new Error(`${frames.length} pictures were rendered`);
  return { sps: ofType(7), pps: ofType(8), frames };
}
