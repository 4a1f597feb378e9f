import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createShedding } from '@dipper/edge/agent/load/shedding';
import { systemClock } from '@dipper/edge/link/clock';
import type { LivePiece } from '@dipper/edge/video/live-feed';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { readFrameCounter } from '@dipper/simulator/scene/frame-counter';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ffmpegPath } from '../support/test-stream.ts';
import { watchedStreet } from '../support/watched-street.ts';

const street = watchedStreet({ cameras: ['keyless', 'starved', 'turned', 'steered', 'patrolling'], scene: 'empty' });
beforeAll(async () => {
  // Rendered now: it would take the other tests' time.
  await street.estate.setFault('turned', 'turn');
  await street.estate.clearFault('turned', 'turn');
}, 120_000);

/** On a machine that has other things to do. */
const PATIENCE = { withinMs: 60_000 };

// Each has a camera of its own, and most of the time waits for it.
describe.concurrent('what is wrong is told by its name', () => {
  it('a camera that sends no key frames any more is opened anew under that name, and is back with the next one', async () => {
    const camera = street.watch('keyless', { blipMs: 1_000, keyFrameMs: 5_000 });
    await camera.isIn('online');
    const before = camera.eventsOf('camera.offline').length;
    await street.estate.setFault('keyless', 'no-key-frames');
    const named = await eventually(
      'it is named',
      () => camera.states.find(({ cause }) => cause === 'STREAM_NO_KEY_FRAME'),
      PATIENCE,
    );
    expect(named.message).toContain('key frame');
    const gone = await eventually('the outage is told', () => camera.eventsOf('camera.offline')[before], PATIENCE);
    await street.estate.clearFault('keyless', 'no-key-frames');
    await camera.isIn('online', 60_000);
    const back = camera.eventsOf('camera.online').at(-1);
    expect(Math.abs((back?.occurredAtMs ?? 0) - (back?.data.outageMs ?? 0) - gone.occurredAtMs)).toBeLessThan(50);
    expect(camera.eventsOf('camera.offline')).toHaveLength(before + 1);
    expect(camera.stats().connection).toMatchObject({ outages: before + 1, causes: { STREAM_NO_KEY_FRAME: 2 } });
    await camera.stop();
  }, 240_000);

  it('an edge that does not keep up says so of itself, blames no camera, and counts every picture that a viewer misses', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'dipper-starved-'));
    // Under a name of its own: nobody else's decoders are to be stopped.
    const path = join(dir, 'ffmpeg');
    symlinkSync(ffmpegPath(), path);
    const { main } = street.access('starved');
    const find = async () => ({ main, sub: main });
    const over = new AbortController();
    const shedding = createShedding({
      ...{ pressed: () => camera.takePressure(), onChange: () => camera.noteLoad() },
      ...{ clock: systemClock, signal: over.signal },
    });
    const camera = street.watch('starved', { find, ffmpegPath: path, blipMs: 1_000, sheds: shedding.sheds });
    await camera.isIn('online');
    await eventually('it decodes', () => camera.stats().decoder.frames > 0, PATIENCE);
    // Recording comes first: who copies the stream runs as we do, who decodes it stands back.
    expect(childrenOf(path).map((pid) => [isDecoder(pid), getPriority(pid) - getPriority()])).toEqual(
      expect.arrayContaining([
        [false, 0],
        [true, 5],
      ]),
    );
    const viewed = untilThinned(camera, () => shedding.sheds('live'));
    // Starved of processor time for four seconds and more, again and again, as by a machine that has too much to do.
    const state = await eventually(
      'it is named, and viewers are given up for the analysis',
      async () => {
        for (const pid of childrenOf(path).filter(isDecoder)) process.kill(pid, 'SIGSTOP');
        await sleep(5_000);
        for (const pid of childrenOf(path).filter(isDecoder)) process.kill(pid, 'SIGCONT');
        const before = camera.stats().decoder.frames;
        await eventually('it goes on', () => camera.stats().decoder.frames > before);
        return shedding.sheds('live') && camera.states.find(({ cause }) => cause === 'EDGE_OVERLOADED');
      },
      PATIENCE,
    );
    expect(state).toMatchObject({ connection: 'degraded' });
    expect(camera.stats().decoder.skipped).toBeGreaterThan(0);
    const told = () => camera.eventsOf('camera.degraded').find(({ data }) => data.cause === 'EDGE_OVERLOADED');
    expect(await eventually('it is told', told, PATIENCE)).toMatchObject({ data: { phase: 'started' } });

    // What the burnt-in counters leave out is what was counted, and in the end what the camera's state tells.
    const { pieces, shed } = await viewed;
    const counters = await countersOf(pieces);
    const { loopFrames } = street.estate.state;
    const filmed = (((counters.at(-1) ?? Number.NaN) - (counters[0] ?? 0) + loopFrames) % loopFrames) + 1;
    expect(shed).toBeGreaterThan(20);
    expect(filmed - counters.length).toBe(shed);
    const last = await eventually(
      'the state tells it',
      () => camera.states.findLast((each) => each.shed?.live === shed),
      PATIENCE,
    );
    expect(last.shed?.capture).toBeGreaterThan(0);
    over.abort();
    await camera.stop();
    rmSync(dir, { recursive: true });
  }, 240_000);

  it('a camera that is turned away is told of, and that it is back; one that was steered, or patrols, is not', async () => {
    const camera = street.watch('turned');
    const others = [street.watch('steered'), street.watch('patrolling', { patrols: true })];
    for (const each of [camera, ...others]) {
      await each.isIn('online');
      await eventually('its picture is known', () => each.states.at(-1)?.picture === 'ok', PATIENCE);
    }
    await Promise.all(['steered', 'patrolling', 'turned'].map((device) => street.estate.setFault(device, 'turn')));
    others[0]?.noteTurned();
    await eventually('it is in its state', () => camera.states.at(-1)?.picture === 'moved', PATIENCE);
    await Promise.all(
      others.map(async (other) => {
        const before = other.stats().decoder.frames;
        await eventually(
          'they have been looked at for longer',
          () => other.stats().decoder.frames > before + 3,
          PATIENCE,
        );
        const begun = other.eventsOf('camera.tampered').filter(({ data }) => data.phase === 'started');
        expect([other.states.at(-1)?.picture, begun]).toEqual(['ok', []]);
        await other.stop();
      }),
    );
    await street.estate.clearFault('turned', 'turn');
    await eventually('it is back', () => camera.states.at(-1)?.picture === 'ok', PATIENCE);
    const told = camera.eventsOf('camera.tampered').filter(({ data }) => data.kind === 'moved');
    expect(told.slice(-2).map(({ data }) => data.phase)).toEqual(['started', 'ended']);
    expect(told.at(-1)?.data.since).toBe(told.at(-2)?.data.since);
    await camera.stop();
  }, 300_000);
});

// By itself: a kernel that is asked late gives up late, and the silence comes first.
it('a host that is down is named as that: nobody answers for its address on the link', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-down-'));
  // A network of its own, with a cable to nowhere: the kernel asks who has the address, and gives up after three seconds.
  const path = join(dir, 'ffmpeg');
  const cable = 'ip link add here type veth peer name there && ip addr add 192.0.2.1/24 dev here';
  const up = ['lo', 'here', 'there'].map((link) => `ip link set ${link} up`).join(' && ');
  writeFileSync(
    path,
    `#!/bin/sh\nexec unshare --net sh -c '${cable} && ${up} && exec "$0" "$@"' ${ffmpegPath()} "$@"\n`,
    { mode: 0o755 },
  );
  const find = async () => ({ main: { url: 'rtsp://192.0.2.2/main' }, sub: { url: 'rtsp://192.0.2.2/sub' } });
  const camera = street.watch('nowhere', { find, ffmpegPath: path, blipMs: 12_000 });
  const named = () => camera.states.find(({ cause }) => cause === 'STREAM_HOST_DOWN');
  expect(await eventually('it is named', named, PATIENCE)).toMatchObject({ connection: 'unreachable' });
  expect(await eventually('it is told', () => camera.eventsOf('camera.offline')[0], PATIENCE)).toMatchObject({
    data: { cause: 'STREAM_HOST_DOWN' },
  });
  await camera.stop();
  rmSync(dir, { recursive: true });
}, 60_000);

/** Children of this process that run this program. */
function childrenOf(path: string): number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1')
    .split(' ')
    .map(Number)
    .filter((pid) => pid > 0 && commandOf(pid).startsWith(path));
}

const isDecoder = (pid: number): boolean => commandOf(pid).includes('rawvideo');

/** Empty for one that has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

/** Watches a camera live until two groups have come without what follows their key frames. @returns what it counts by then */
async function untilThinned({ live, stats }: ReturnType<typeof street.watch>, isThin: () => boolean) {
  const pieces: LivePiece[] = [];
  let thinned = 0;
  for await (const piece of live('main', new AbortController().signal)) {
    pieces.push(piece);
    // Everything up to a key frame has been sent or counted.
    if (piece.kind === 'key' && isThin()) thinned += 1;
    if (thinned > 2) break;
  }
  return { pieces, shed: stats().liveShed };
}

/** The numbers burnt into these pictures. */
async function countersOf(pieces: readonly LivePiece[]): Promise<number[]> {
  const [widthPx, heightPx] = [640, 360];
  const scaled = ['-vf', `scale=${widthPx}:${heightPx}`, '-fps_mode', 'passthrough'];
  const rgb = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: ['-f', 'mp4', '-i', 'pipe:0', ...scaled, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
    input: Buffer.concat(pieces.map(({ bytes }) => bytes)),
    signal: AbortSignal.timeout(60_000),
  });
  const frameBytes = widthPx * heightPx * 3;
  return Array.from({ length: rgb.length / frameBytes }, (_, number) => {
    const picture = rgb.subarray(number * frameBytes, (number + 1) * frameBytes);
    return readFrameCounter(picture, widthPx, heightPx) ?? Number.NaN;
  });
}
