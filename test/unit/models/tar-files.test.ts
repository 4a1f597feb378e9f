import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readTarFiles } from '@dipper/models/tar-files';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { npmTarball } from '../../support/npm-registry.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dipper-tar-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(tarball: Buffer, ...paths: string[]) {
  const path = join(folder, 'package.tgz');
  await writeFile(path, tarball);
  return readTarFiles(path, paths);
}

const long = `${'folder/'.repeat(20)}file.bin`;

test('files are found by their path: short, long (pax), and split in two fields', async () => {
  const content = Buffer.alloc(100_000, 'abc');
  const tarball = npmTarball({
    'a.txt': Buffer.from('a'),
    [long]: content,
    'deep/down:b.txt': Buffer.from('b'),
    'empty.txt': Buffer.alloc(0),
  });
  const found = await read(tarball, 'a.txt', long, 'deep/down/b.txt', 'empty.txt', 'missing.txt');
  expect(Object.fromEntries(found)).toEqual({
    'a.txt': Buffer.from('a'),
    [long]: content,
    'deep/down/b.txt': Buffer.from('b'),
    'empty.txt': Buffer.alloc(0),
  });
});

test('an archive that is cut short or altered is refused', async () => {
  const whole = gunzipSync(npmTarball({ 'a.txt': Buffer.alloc(2000, 'a'), 'b.txt': Buffer.alloc(2000, 'b') }));
  await expect(read(gzipSync(whole.subarray(0, 1000)), 'a.txt')).rejects.toThrow(/cut short/);
  await expect(read(gzipSync(whole.subarray(0, 1000)), 'c.txt')).rejects.toThrow(/cut short/);
  const altered = Buffer.from(whole);
  altered[0] = 0x41;
  await expect(read(gzipSync(altered), 'a.txt')).rejects.toThrow(/broken header/);
  await expect(read(Buffer.from('not gzip'), 'a.txt')).rejects.toThrow();
});
