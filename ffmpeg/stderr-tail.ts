import type { Readable } from 'node:stream';
import { maskSecrets } from './mask-secrets.ts';

/** Enough for the last dozen of ffmpeg's lines, which hold the cause; a broken stream prints thousands. */
const TAIL_BYTES = 8 * 1024;

/** Keeps the last lines that a child prints, masked when read: a secret cut in two by a chunk is still found. */
export function collectStderrTail(stderr: Readable, secrets: readonly string[]): { text(): string } {
  let tail = '';
  let isCut = false;
  stderr.setEncoding('utf8');
  stderr.on('data', (chunk: string) => {
    tail += chunk;
    if (tail.length <= TAIL_BYTES) return;
    tail = tail.slice(-TAIL_BYTES);
    isCut = true;
  });
  return {
    text() {
      // The first line of a cut tail may begin in the middle of a password that no pattern recognises.
      const whole = isCut ? tail.slice(tail.indexOf('\n') + 1 || tail.length) : tail;
      return maskSecrets(whole, secrets).trim();
    },
  };
}
