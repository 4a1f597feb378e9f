import { createHash, randomBytes } from 'node:crypto';
import { createPictureStore } from '@dipper/edge/agent/picture-store/picture-store';
import pino from 'pino';

/**
 * A process that keeps pictures until it is killed, and prints `ref sha256` once each is kept.
 * Arguments: directory, key file.
 */
const [dir, keyFile] = process.argv.slice(2);
if (dir === undefined || keyFile === undefined) throw new Error('usage: picture-writer.ts DIR KEY_FILE');

const store = await createPictureStore({
  dir,
  keyFile,
  retentionMs: 3_600_000,
  maxBytes: 1_000_000_000,
  signal: new AbortController().signal,
  log: pino({ enabled: false }),
});

for (;;) {
  const picture = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(100_000)]);
  const { ref } = await store.put(picture, { device: 'gate-face', capturedAtMs: Date.now() });
  process.stdout.write(`${ref} ${createHash('sha256').update(picture).digest('hex')}\n`);
}
