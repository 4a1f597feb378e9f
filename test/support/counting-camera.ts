import { setTimeout as sleep } from 'node:timers/promises';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { DigestGuard } from '@dipper/simulator/auth/digest';
import { DeviceClock, systemClock } from '@dipper/simulator/device/device-clock';
import { RtspServer } from '@dipper/simulator/rtsp/rtsp-server';
import { RtspStream } from '@dipper/simulator/rtsp/rtsp-stream';
import { splitAnnexB } from '@dipper/simulator/scene/clip';
import { ffmpegPath } from './test-stream.ts';

/** Bars in the upper part of the picture, from left to right the bits of its number in the loop, lowest first. */
export const BARS = 10;

export interface CountingCameraOptions {
  readonly codec: 'h264' | 'h265';
  readonly groupFrames: number;
  readonly loopFrames: number;
  readonly framesPerSec?: number;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly kbps?: number;
  readonly seed?: number;
}

/** What a counting camera films, again and again. */
export interface Film {
  readonly groupFrames: number;
  readonly vps: Buffer | undefined;
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly frames: readonly (readonly Buffer[])[];
}

export interface CountingCamera extends AsyncDisposable {
  readonly url: string;
  readonly login: { readonly username: string; readonly password: string };
  /** When the picture with this number in the loop was sent last, ms since 1970; undefined when it never was. */
  sentAtMs(number: number): number | undefined;
  /** RTSP sessions that are open. */
  sessions(): number;
  /**
   * Films this from now on: within the sessions that there are, as cameras do that were set to another size, or after hanging
   * up, as they do that have to describe their stream anew. The rate stays.
   */
  change(film: Film, how: 'within-sessions' | 'after-hanging-up'): void;
}

/** NAL unit types, and where a unit says that it begins a picture: ITU-T H.264 §7.3.3, H.265 §7.3.6.1. */
const SYNTAX = {
  h264: { typeOf: (unit: Buffer) => (unit[0] ?? 0) & 0x1f, lastSlice: 5, headBytes: 1, vps: -1, sps: 7, pps: 8 },
  h265: {
    typeOf: (unit: Buffer) => ((unit[0] ?? 0) >> 1) & 0x3f,
    lastSlice: 31,
    headBytes: 2,
    vps: 32,
    sps: 33,
    pps: 34,
  },
} as const;

/** A camera that films noise and, in bars, the number of the picture: what a page shows tells when it was filmed. */
export async function startCountingCamera(options: CountingCameraOptions): Promise<CountingCamera> {
  const { framesPerSec = 25 } = options;
  let film = await renderFilm(options);
  const server = new RtspServer();
  const login = { username: 'operator', password: 'counting' };
  const startedAtMs = systemClock();
  const streamOf = ({ vps, sps, pps }: Film): RtspStream =>
    new RtspStream({
      ...{ path: '/main', vps, sps, pps, framesPerSec },
      clock: new DeviceClock(systemClock),
      mediaNowMs: () => systemClock() - startedAtMs,
    });
  let stream = streamOf(film);
  const guard = new DigestGuard({ realm: 'counting', credentials: () => login, qop: 'none', nowMs: systemClock });
  const mount = (): void =>
    server.mount({ deviceId: 'camera', stream, guard, isUnplugged: () => false, replyDelayMs: () => 0 });
  mount();
  const port = await server.listen('127.0.0.1', 0);
  const owner = new AbortController();
  const sentAtMs = new Map<number, number>();
  /** Pictures that were sent before what is filmed now. */
  let sentBefore = 0;
  let sent = 0;

  async function play(): Promise<void> {
    for (; !owner.signal.aborted; sent++) {
      const mediaTimeMs = (sent * 1_000) / framesPerSec;
      const waitMs = startedAtMs + mediaTimeMs - systemClock();
      if (waitMs > 1) await sleep(waitMs, undefined, { signal: owner.signal }).catch(() => undefined);
      const { vps, sps, pps, frames, groupFrames } = film;
      const number = (sent - sentBefore) % frames.length;
      sentAtMs.set(number, Date.now());
      const sets = vps === undefined ? [sps, pps] : [vps, sps, pps];
      stream.send({ sets, units: frames[number] ?? [], isKey: number % groupFrames === 0, mediaTimeMs });
    }
  }
  const playing = play();
  return {
    ...{ url: `rtsp://127.0.0.1:${port}/main`, login },
    sentAtMs: (number) => sentAtMs.get(number),
    sessions: () => stream.sessions.open,
    change(next, how) {
      film = next;
      sentBefore = sent;
      sentAtMs.clear();
      if (how === 'within-sessions') return;
      stream = streamOf(next);
      mount();
      server.cut('camera');
    },
    async [Symbol.asyncDispose]() {
      owner.abort();
      await playing;
      await server.close();
    },
  };
}

export async function renderFilm(options: CountingCameraOptions): Promise<Film> {
  const { codec, groupFrames, loopFrames, framesPerSec = 25, widthPx = 640, heightPx = 360, kbps = 1_000 } = options;
  if (loopFrames % groupFrames !== 0 || loopFrames > 2 ** BARS) throw new RangeError('loopFrames');
  const noise = `color=gray:s=${widthPx}x${heightPx}:r=${framesPerSec},noise=all_seed=${options.seed ?? 1}:alls=14:allf=t`;
  const bit = `mod(floor(N/pow(2,floor(X*${BARS}/W))),2)`;
  const bars = `color=black:s=${widthPx}x${(heightPx / 4) & ~1}:r=${framesPerSec},format=yuv420p,geq=lum='16+219*${bit}':cb=128:cr=128`;
  const group = String(groupFrames);
  const encoder =
    codec === 'h264'
      ? ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-x264-params', 'sliced-threads=0']
      : [
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-tune',
          'zerolatency',
          '-x265-params',
          `log-level=none:keyint=${group}:min-keyint=${group}:scenecut=0:open-gop=0`,
        ];
  const annexB = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: [
      ...[
        '-filter_complex',
        `${noise},format=yuv420p[n];${bars}[b];[n][b]overlay=0:0,format=yuv420p[v]`,
        '-map',
        '[v]',
      ],
      ...['-frames:v', String(loopFrames), ...encoder, '-bf', '0', '-g', group, '-keyint_min', group],
      ...[
        '-sc_threshold',
        '0',
        '-b:v',
        `${kbps}k`,
        '-maxrate',
        `${kbps}k`,
        '-bufsize',
        `${kbps}k`,
        '-f',
        codec === 'h264' ? 'h264' : 'hevc',
        'pipe:1',
      ],
    ],
    input: '',
    signal: AbortSignal.timeout(120_000),
  });
  const units = splitAnnexB(annexB);
  const { typeOf, lastSlice, headBytes, ...sets } = SYNTAX[codec];
  const frames: Buffer[][] = [];
  for (const unit of units) {
    if (typeOf(unit) > lastSlice) continue;
    if (((unit[headBytes] ?? 0) & 0x80) !== 0) frames.push([unit]);
    else frames.at(-1)?.push(unit);
  }
  if (frames.length !== loopFrames) throw new Error(`ffmpeg encoded ${frames.length} of ${loopFrames} frames`);
  const find = (type: number): Buffer => units.find((unit) => typeOf(unit) === type) ?? Buffer.alloc(0);
  const vps = codec === 'h265' ? find(sets.vps) : undefined;
  return { groupFrames, vps, sps: find(sets.sps), pps: find(sets.pps), frames };
}
