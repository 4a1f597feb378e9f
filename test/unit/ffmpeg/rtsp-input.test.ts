import { readFileSync } from 'node:fs';
import { quoteForFfconcat, rtspInputScript } from '@dipper/ffmpeg/rtsp-input';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { describe, expect, test } from 'vitest';
import { startRtspDoorkeeper } from '../../support/rtsp-doorkeeper.ts';

const path = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const timeoutMs = 3000;

async function knock(url: string, username?: string, password?: string) {
  const input = rtspInputScript({ url, username, password, timeoutMs });
  const run = runFfmpeg({
    path,
    args: [...input.args, '-c', 'copy', '-f', 'mp4', '-movflags', 'empty_moov', 'pipe:1'],
    input: input.stdin,
    secrets: input.secrets,
    signal: AbortSignal.timeout(10_000),
  });
  const commandLine = run.pid === undefined ? '' : readFileSync(`/proc/${run.pid}/cmdline`, 'latin1');
  run.stdout.resume();
  return { end: await run.ended, commandLine };
}

describe('an RTSP source given to ffmpeg', () => {
  test.each([
    ['admin', 'p%40:/?#'],
    ['admin', `quotes ' " and back\\slash`],
    [`o'brien`, '密码 ü & = + ; ,'],
    ['a@b c', "'; file '/etc/passwd"],
    ['admin', '%%20@@//'],
  ])('user %j with password %j is let in', async (name, password) => {
    await using door = await startRtspDoorkeeper({ name, password });
    const { end, commandLine } = await knock(`rtsp://127.0.0.1:${door.port}/main?channel=1&subtype=0`, name, password);
    expect(door.admitted).toBe(1);
    expect(end.error.code).toBe('STREAM_NOT_FOUND');
    for (const text of [commandLine, end.stderrTail, end.error.message]) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(encodeURIComponent(password));
    }
    expect(end.stderrTail).toContain('//***@127.0.0.1');
  });

  test('a wrong password is refused', async () => {
    await using door = await startRtspDoorkeeper({ name: 'admin', password: 'right' });
    const { end } = await knock(`rtsp://127.0.0.1:${door.port}/main`, 'admin', 'wrong');
    expect(end.error.code).toBe('STREAM_REFUSED');
    expect(door.admitted).toBe(0);
  });

  test('credentials inside the address are used, and those given apart go first', async () => {
    await using door = await startRtspDoorkeeper({ name: 'admin', password: 'p/w' });
    const inside = `rtsp://admin:p%2Fw@127.0.0.1:${door.port}/main`;
    expect((await knock(inside)).end.error.code).toBe('STREAM_NOT_FOUND');
    expect((await knock(inside, 'admin', 'other')).end.error.code).toBe('STREAM_REFUSED');
  });

  test('a device that accepts and never answers is a timeout, not a bad stream', async () => {
    await using door = await startRtspDoorkeeper('falls-silent');
    const input = rtspInputScript({ url: `rtsp://127.0.0.1:${door.port}/`, timeoutMs: 700 });
    const run = runFfmpeg({
      path,
      args: [...input.args, '-c', 'copy', '-f', 'h264', 'pipe:1'],
      input: input.stdin,
      sourceTimeoutMs: 700,
      signal: AbortSignal.timeout(10_000),
    });
    run.stdout.resume();
    const end = await run.ended;
    expect(end.error.code).toBe('STREAM_TIMED_OUT');
    expect(end.durationMs).toBeLessThan(5000);
  });

  test('nobody listening is unreachable', async () => {
    const door = await startRtspDoorkeeper('falls-silent');
    await door[Symbol.asyncDispose]();
    expect((await knock(`rtsp://127.0.0.1:${door.port}/`)).end.error.code).toBe('STREAM_UNREACHABLE');
  });

  test.each(['http://127.0.0.1/', 'file:///etc/passwd', 'rtsp://', 'camera'])('%s is no stream address', (url) => {
    expect(() => rtspInputScript({ url, timeoutMs })).toThrow(
      expect.objectContaining({ code: 'STREAM_ADDRESS_INVALID' }),
    );
  });

  test.each([
    ['a:b', 'x'],
    ['a"b', 'x'],
    ['a\\b', 'x'],
    ['a\nb', 'x'],
    ['admin', '密'.repeat(14)],
  ])('user %j with password %j is refused here, since ffmpeg would send something else', (username, password) => {
    expect(() => rtspInputScript({ url: 'rtsp://camera/', username, password, timeoutMs })).toThrow(
      expect.objectContaining({ code: 'STREAM_CREDENTIALS_UNUSABLE' }),
    );
  });

  test('an address cannot add lines to the script', () => {
    const { stdin } = rtspInputScript({ url: "rtsp://camera/a\nfile '/etc/passwd'", timeoutMs });
    expect(stdin.split('\n').filter((line) => line.startsWith('file '))).toHaveLength(1);
    expect(quoteForFfconcat("it's")).toBe(`'it'\\''s'`);
  });
});
