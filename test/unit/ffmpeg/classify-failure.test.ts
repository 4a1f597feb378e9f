import { classifyFfmpegFailure } from '@dipper/ffmpeg/classify-failure';
import { expect, test } from 'vitest';

// The words of ffmpeg 5.1, recorded.
test.each([
  [
    `[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized\n[concat @ 0x2] Impossible to open 'rtsp://***@h/s'\npipe:0: Server returned 401 Unauthorized (authorization failed)`,
    'STREAM_REFUSED',
  ],
  ['[rtsp @ 0x1] method DESCRIBE failed: 404 Not Found\npipe:0: Server returned 404 Not Found', 'STREAM_NOT_FOUND'],
  [
    '[tcp @ 0x1] Connection to tcp://127.0.0.1:1?timeout=2000000 failed: Connection refused\npipe:0: Connection refused',
    'STREAM_UNREACHABLE',
  ],
  [
    '[tcp @ 0x1] Failed to resolve hostname nosuch.invalid: Name or service not known\npipe:0: Input/output error',
    'STREAM_UNREACHABLE',
  ],
  [
    '[tcp @ 0x1] Connection to tcp://127.255.255.255:554?timeout=2000000 failed: Network is unreachable\npipe:0: Network is unreachable',
    'STREAM_NO_ROUTE',
  ],
  [
    '[tcp @ 0x1] Connection to tcp://192.168.1.9:554?timeout=2000000 failed: No route to host\npipe:0: No route to host',
    'STREAM_HOST_DOWN',
  ],
  ['pipe:0: Connection timed out', 'STREAM_TIMED_OUT'],
  ['pipe:0: Invalid data found when processing input', 'STREAM_INVALID'],
  ['', 'STREAM_ENDED'],
  ['[mp4 @ 0x1] something new', 'FFMPEG_FAILED'],
])('%j', (words, code) => {
  expect(classifyFfmpegFailure(words)).toBe(code);
});

test('silence until the limit is a timeout, unless ffmpeg says something better', () => {
  expect(classifyFfmpegFailure('Invalid data found when processing input', { wasSilent: true })).toBe(
    'STREAM_TIMED_OUT',
  );
  expect(classifyFfmpegFailure('', { wasSilent: true })).toBe('STREAM_TIMED_OUT');
  expect(classifyFfmpegFailure('401 Unauthorized', { wasSilent: true })).toBe('STREAM_REFUSED');
});
