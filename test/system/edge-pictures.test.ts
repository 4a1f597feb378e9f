import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createPictureStore } from '@dipper/edge/agent/picture-store/picture-store';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';

const WRITER = fileURLToPath(new URL('../support/picture-writer.ts', import.meta.url));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dipper-pictures-'));
});
afterEach(() => rm(root, { recursive: true }));

/** Keeps pictures in a process of its own until so many are kept, kills it, and tells which it had promised to keep. */
async function keepUntilKilled(dir: string, keyFile: string, count: number): Promise<Map<string, string>> {
  const child = spawn(process.execPath, [WRITER, dir, keyFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const kept = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [ref = '', hash = ''] = line.split(' ');
    kept.set(ref, hash);
    if (kept.size === count) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return kept;
}

test('a picture that was promised is there after SIGKILL at any moment, and the leavings of the kill are not', async () => {
  const dir = join(root, 'pictures');
  const keyFile = join(root, 'keys', 'media.key');
  const kept = new Map<string, string>();
  for (const count of [3, 17, 30]) {
    for (const [ref, hash] of await keepUntilKilled(dir, keyFile, count)) kept.set(ref, hash);
  }
  expect(kept.size).toBeGreaterThanOrEqual(50);

  const owner = new AbortController();
  const store = await createPictureStore({
    dir,
    keyFile,
    retentionMs: 3_600_000,
    maxBytes: 1_000_000_000,
    signal: owner.signal,
    log: pino({ enabled: false }),
  });
  for (const [ref, hash] of kept) {
    const picture = await store.open(ref);
    expect(picture.status).toBe('available');
    if (picture.status === 'available') expect(createHash('sha256').update(picture.bytes).digest('hex')).toBe(hash);
  }
  // At most one more per kill than was printed: kept, and killed before it could say so.
  expect((await readdir(join(dir, 'sealed'))).length).toBeLessThanOrEqual(kept.size + 3);
  await store.close();
});
