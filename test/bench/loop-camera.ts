import { setTimeout as sleep } from 'node:timers/promises';
import { DigestGuard } from '@dipper/simulator/auth/digest';
import { DeviceClock, systemClock } from '@dipper/simulator/device/device-clock';
import { RtspServer } from '@dipper/simulator/rtsp/rtsp-server';
import { RtspStream } from '@dipper/simulator/rtsp/rtsp-stream';
import { FRAMES_PER_SEC, GROUP_FRAMES, kbpsOf, type Loop } from './encoded-loop.ts';

export interface LoopCamera extends AsyncDisposable {
  readonly main: string;
  readonly sub: string;
  /** Of the camera with this number, from 0. */
  addressOf(camera: number): { readonly main: string; readonly sub: string };
  readonly login: { readonly username: string; readonly password: string };
  /** Average of the main stream, kbit/s. */
  readonly mainKbps: number;
  /** Frames of the main stream that have been sent. */
  readonly sent: number;
  /** When the frame with this number is sent; its sender reports tell the same. ms since 1970 */
  sentAtMs(frame: number): number;
  /** Resolves when so many more frames of the main stream have been sent. */
  frames(count: number): Promise<void>;
}

export interface LoopCameraOptions {
  readonly main: Loop;
  readonly sub: Loop;
  /** So many cameras that film the same at the same time, each with sessions of its own. Default 1. */
  readonly count?: number;
  /** Which frame of the loops is sent as the one with this number; groups stay whole. Default: one after another, over and over. */
  readonly pick?: (frame: number) => number;
}

/** Cameras that play rendered streams by the clock, over RTSP with a password; the first one's addresses are `main` and `sub`. */
export async function startLoopCameras({ main, sub, count = 1, ...options }: LoopCameraOptions): Promise<LoopCamera> {
  const pick = options.pick ?? ((frame) => frame % main.frames.length);
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
      const place = pick(frame);
      for (const streams of cameras) {
        streams.main.send({ units: main.frames[place] ?? [], isKey, mediaTimeMs });
        streams.sub.send({ units: sub.frames[place] ?? [], isKey, mediaTimeMs });
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
  return {
    ...addressOf(0),
    login,
    addressOf,
    mainKbps: kbpsOf(main),
    get sent() {
      return sent;
    },
    sentAtMs: (frame) => startedAtMs + (frame * 1_000) / FRAMES_PER_SEC,
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
