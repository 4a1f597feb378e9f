import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { loadSealer } from '@dipper/hub/sealer';
import { loadSigningKey } from '@dipper/hub/signing-key';
import { afterAll, describe, expect, it } from 'vitest';
import type { FirstStart, FirstStarted } from '../../../support/first-start.worker.ts';

const COPIES = 2;
const ROUNDS = 30;
const WORKER = fileURLToPath(new URL('../../../support/first-start.worker.ts', import.meta.url));

const root = mkdtempSync(join(tmpdir(), 'dipper-keys-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the keys of a hub', () => {
  it('are one of each, whole, however many copies start for the first time at the same moment', async () => {
    const dirs = Array.from({ length: ROUNDS }, (_, round) => join(root, String(round)));
    for (const dir of dirs) mkdirSync(dir);
    const started = new Map<string, FirstStarted[]>(dirs.map((dir) => [dir, []]));
    const workerData: FirstStart = { dirs, copies: COPIES, arrived: new Int32Array(new SharedArrayBuffer(4)) };
    await Promise.all(
      Array.from({ length: COPIES }, async () => {
        const worker = new Worker(WORKER, { workerData });
        worker.on('message', ({ dir, started: one }) => started.get(dir)?.push(one));
        await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
      }),
    );
    for (const [dir, copies] of started) {
      const sealer = loadSealer(`${dir}/keys/secrets.key`);
      const { publicJwk } = await loadSigningKey(`${dir}/keys/signing-key.jwk`);
      expect(copies).toHaveLength(COPIES);
      for (const copy of copies) {
        if ('error' in copy) throw new Error(copy.error);
        expect(sealer.open(Buffer.from(copy.sealed), 'of a test')).toBe('a secret');
        expect(copy.publicKey).toBe(publicJwk.x);
      }
      expect(readdirSync(`${dir}/keys`).sort()).toEqual(['secrets.key', 'signing-key.jwk', 'signing-key.pub.jwk']);
      for (const name of ['secrets.key', 'signing-key.jwk'])
        expect(statSync(`${dir}/keys/${name}`).mode & 0o777).toBe(0o600);
    }
  });
});
