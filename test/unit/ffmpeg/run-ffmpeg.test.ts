import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { convertWithFfmpeg, runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { startRtspDoorkeeper } from '../../support/rtsp-doorkeeper.ts';

const path = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const decodeRaw = [
  '-f',
  'rawvideo',
  '-pixel_format',
  'rgb24',
  '-video_size',
  '16x16',
  '-i',
  'pipe:0',
  '-f',
  'rawvideo',
  'pipe:1',
];

/** A zombie, which waits for nobody but init, has no command line. */
function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
}

describe('a run of ffmpeg', () => {
  test('a job gives back what it wrote', async () => {
    const frame = Buffer.alloc(16 * 16 * 3, 7);
    const output = await convertWithFfmpeg({
      path,
      args: decodeRaw,
      input: frame,
      signal: AbortSignal.timeout(10_000),
    });
    expect(output.equals(frame)).toBe(true);
  });

  test('a job that fails throws with the cause', async () => {
    const job = convertWithFfmpeg({
      path,
      args: ['-f', 'h264', '-i', 'pipe:0', '-f', 'rawvideo', 'pipe:1'],
      input: 'this is no video',
      signal: AbortSignal.timeout(10_000),
    });
    await expect(job).rejects.toMatchObject({ name: 'FfmpegError', code: 'STREAM_INVALID' });
  });

  test('a binary that is not there ends the run, and says so', async () => {
    const run = runFfmpeg({ path: '/nonexistent/ffmpeg', args: [], input: 'x', signal: AbortSignal.timeout(5000) });
    expect(run.pid).toBeUndefined();
    expect((await run.ended).error.code).toBe('FFMPEG_MISSING');
  });

  test('the signal ends a child that waits for its input', async () => {
    const owner = new AbortController();
    const run = runFfmpeg({ path, args: decodeRaw, signal: owner.signal });
    run.stdout.resume();
    run.stdin.write(Buffer.alloc(16 * 16 * 3));
    owner.abort();
    const end = await run.ended;
    expect(end.error.code).toBe('FFMPEG_ABORTED');
    expect(end.durationMs).toBeLessThan(1500);
  });

  test('the signal ends a child that survives SIGTERM, within 1.5 s', async () => {
    // Nobody reads its output: blocked in a write, ffmpeg only notes the signal.
    const owner = new AbortController();
    const run = runFfmpeg({
      path,
      args: ['-f', 'lavfi', '-i', 'color=s=640x360:r=25', '-f', 'rawvideo', 'pipe:1'],
      signal: owner.signal,
    });
    await once(run.stdout, 'readable');
    const abortedAt = performance.now();
    owner.abort();
    const end = await run.ended;
    expect(performance.now() - abortedAt).toBeLessThan(1500);
    expect(end.error.code).toBe('FFMPEG_ABORTED');
    run.stdout.destroy();
  });

  test('a signal that was aborted before ends it at once', async () => {
    const run = runFfmpeg({ path, args: decodeRaw, signal: AbortSignal.abort() });
    run.stdout.resume();
    expect((await run.ended).error.code).toBe('FFMPEG_ABORTED');
  });
});

describe('when the process that started ffmpeg is killed', () => {
  const runner = new URL('../../../ffmpeg/run-ffmpeg.ts', import.meta.url).href;
  const input = new URL('../../../ffmpeg/rtsp-input.ts', import.meta.url).href;

  async function orphan(script: string): Promise<number> {
    const parent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { runFfmpeg } from ${JSON.stringify(runner)};
      import { rtspInputScript } from ${JSON.stringify(input)};
      const path = ${JSON.stringify(path)}, signal = new AbortController().signal;
      ${script}
      console.log(run.pid);
      setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    return pid;
  }

  test('a decoder sees the end of its input and ends', async () => {
    const pid = await orphan(`const run = runFfmpeg({ path, args: ${JSON.stringify(decodeRaw)}, signal });`);
    await eventually('ffmpeg is gone', () => !isAlive(pid), { withinMs: 3000 });
  });

  test('a source that has stalled ends by its own timeout', async () => {
    await using door = await startRtspDoorkeeper('falls-silent');
    const pid = await orphan(`
      const input = rtspInputScript({ url: 'rtsp://127.0.0.1:${door.port}/', timeoutMs: 1000 });
      const run = runFfmpeg({ path, args: [...input.args, '-c', 'copy', '-f', 'h264', 'pipe:1'], input: input.stdin, signal });`);
    await eventually('ffmpeg is gone', () => !isAlive(pid), { withinMs: 4000 });
  });
});
