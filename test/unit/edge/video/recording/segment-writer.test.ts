import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingError } from '@dipper/edge/video/recording/recording-error';
import { openRecordingIndex } from '@dipper/edge/video/recording/recording-index';
import { createSegmentWriter } from '@dipper/edge/video/recording/segment-writer';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { START_MS } from '../../../../support/recording-ground.ts';
import { renderTestStream } from '../../../../support/test-stream.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dipper-writer-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('a disk that goes between the look at it and the first file leaves its empty folder empty', async () => {
  const { init, fragments } = await renderTestStream({ pictures: 10 });
  const group = fragments.map((fragment, place) => {
    const atMs = START_MS + place * 40;
    return { index: place, init, fragment, atMs, senderAtMs: atMs };
  });
  const dir = join(root, 'disk');
  mkdirSync(dir);
  const index = openRecordingIndex(join(root, 'index.sqlite'));
  let looks = 0;
  const verifyDisk = async (): Promise<void> => {
    looks += 1;
    if (looks === 2) throw new RecordingError('DISK_MISSING');
  };
  const writer = createSegmentWriter({ device: 'gate', dir, index, verifyDisk, monotonicMs: () => performance.now() });

  await expect(writer.append(group)).rejects.toMatchObject({ code: 'DISK_MISSING' });
  expect(readdirSync(dir)).toEqual([]);
  expect(writer.failure()).toBe('DISK_MISSING');

  await writer.append(group);
  await writer.close();
  expect(readdirSync(join(dir, 'gate'))).toHaveLength(1);
  expect(index.listAll()).toHaveLength(1);
  index.end();
});
