import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openPictureFiles } from '@dipper/edge/agent/picture-store/picture-files';
import { createPictureStore, type PictureStoreOptions } from '@dipper/edge/agent/picture-store/picture-store';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const HOUR_MS = 3_600_000;
const about = { device: 'gate-face', capturedAtMs: 1_800_000_000_000 };

let root: string;
let owner: AbortController;
let nowMs: number;
/** How wrong the clock is that the store reads. */
let wrongMs: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dipper-pictures-'));
  owner = new AbortController();
  nowMs = 1_800_000_000_000;
  wrongMs = 0;
});
afterEach(async () => {
  owner.abort();
  await rm(root, { recursive: true });
});

function jpeg(bytes = 3000): Buffer {
  return Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), randomBytes(bytes - 10)]);
}

const dir = () => join(root, 'pictures');
const keyFile = () => join(root, 'keys', 'media.key');

function openStore(options: Partial<PictureStoreOptions> = {}) {
  return createPictureStore({
    dir: dir(),
    keyFile: keyFile(),
    retentionMs: HOUR_MS,
    maxBytes: 1_000_000,
    clock: { nowMs: () => nowMs + wrongMs, monotonicMs: () => nowMs },
    signal: owner.signal,
    log: pino({ enabled: false }),
    ...options,
  });
}

async function everyByteOnDisk(): Promise<Buffer> {
  const names = await readdir(dir(), { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
}

test('gives back what was put, also after a restart, under a reference nobody can guess', async () => {
  const picture = jpeg();
  const first = await openStore();
  const { ref, expiresAt } = await first.put(picture, about);
  expect(ref).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
  expect(Date.parse(expiresAt)).toBe(nowMs + HOUR_MS);
  await first.close();
  const second = await openStore();
  await expect(second.open(ref)).resolves.toEqual({
    status: 'available',
    bytes: picture,
    mime: 'image/jpeg',
    capturedAtMs: about.capturedAtMs,
  });
  await expect(second.open('../../keys/media.key')).resolves.toEqual({ status: 'unknown' });
});

test('no byte of a picture is readable on disk: neither in files nor in the database nor in its log', async () => {
  const store = await openStore();
  const pictures = Array.from({ length: 5 }, () => jpeg());
  for (const picture of pictures) await store.put(picture, about);
  const disk = await everyByteOnDisk();
  expect(disk.length).toBeGreaterThan(15_000);
  // Start of image with its JFIF head, ten bytes: three alone occur in random bytes now and then.
  expect(disk.includes(Buffer.from('ffd8ffe000104a464946', 'hex'))).toBe(false);
  for (const picture of pictures) {
    for (let at = 0; at + 12 <= picture.length; at += 100)
      expect(disk.includes(picture.subarray(at, at + 12))).toBe(false);
  }
});

describe('the end of a picture', () => {
  test('after its time the reference says expired, and file and key are gone from the disk', async () => {
    const store = await openStore();
    const { ref } = await store.put(jpeg(), about);
    const db = new DatabaseSync(join(dir(), 'pictures.sqlite'), { readOnly: true });
    const { wrapped_key: key } = db.prepare('select wrapped_key from picture').get() as { wrapped_key: Uint8Array };
    db.close();
    expect((await everyByteOnDisk()).includes(Buffer.from(key))).toBe(true);

    nowMs += HOUR_MS - 1;
    await expect(store.sweep()).resolves.toBe(0);
    await expect(store.open(ref)).resolves.toMatchObject({ status: 'available' });
    nowMs += 1;
    await expect(store.open(ref)).resolves.toEqual({ status: 'expired' });
    await expect(store.sweep()).resolves.toBe(1);
    await expect(store.open(ref)).resolves.toEqual({ status: 'expired' });
    expect(await readdir(join(dir(), 'sealed'))).toEqual([]);
    expect((await everyByteOnDisk()).includes(Buffer.from(key))).toBe(false);
  });

  test('a hold keeps it for longer, a shorter one does not end the longer, and it ends too', async () => {
    const store = await openStore();
    const { ref } = await store.put(jpeg(), about);
    expect(store.hold(ref, nowMs + 3 * HOUR_MS)).toEqual({
      status: 'held',
      until: new Date(nowMs + 3 * HOUR_MS).toISOString(),
    });
    store.hold(ref, nowMs + 2 * HOUR_MS);
    nowMs += 3 * HOUR_MS - 1;
    await store.sweep();
    await expect(store.open(ref)).resolves.toMatchObject({ status: 'available' });
    nowMs += 1;
    await expect(store.sweep()).resolves.toBe(1);
    expect(store.hold(ref, nowMs + HOUR_MS)).toEqual({ status: 'expired' });
  });

  test('an edge that boots in 1970 keeps what it captured before somebody sets its clock, for its time and no longer', async () => {
    const before = await openStore();
    const { ref: older } = await before.put(jpeg(), about);
    await before.close();
    nowMs += HOUR_MS / 2;
    wrongMs = -nowMs;
    const store = await openStore();
    const { ref: captured } = await store.put(jpeg(), about);
    nowMs += HOUR_MS / 4;
    wrongMs = 0;
    await expect(store.open(captured)).resolves.toMatchObject({ status: 'available' });
    await expect(store.sweep()).resolves.toBe(0);
    nowMs += HOUR_MS / 4;
    await expect(store.sweep()).resolves.toBe(1);
    await expect(store.open(older)).resolves.toEqual({ status: 'expired' });
    nowMs += HOUR_MS / 2 - 1;
    await expect(store.open(captured)).resolves.toMatchObject({ status: 'available' });
    nowMs += 1;
    await expect(store.sweep()).resolves.toBe(1);
  });

  test('a clock that leaps ten years ahead and back neither ends a picture early nor keeps it longer', async () => {
    const store = await openStore();
    const { ref } = await store.put(jpeg(), about);
    const leapMs = 10 * 365 * 24 * HOUR_MS;
    wrongMs = leapMs;
    await expect(store.sweep()).resolves.toBe(0);
    const { ref: meanwhile } = await store.put(jpeg(), about);
    wrongMs = 0;
    await store.sweep();
    nowMs += HOUR_MS - 1;
    for (const each of [ref, meanwhile]) await expect(store.open(each)).resolves.toMatchObject({ status: 'available' });
    nowMs += 1;
    await expect(store.sweep()).resolves.toBe(2);
  });

  test('a clock with fractions of a millisecond, as an estimate of the hub’s has, is as good as any', async () => {
    wrongMs = 0.25;
    const store = await openStore();
    const { ref } = await store.put(jpeg(), about);
    await expect(store.open(ref)).resolves.toMatchObject({ status: 'available' });
    nowMs += HOUR_MS;
    await expect(store.sweep()).resolves.toBe(1);
  });

  test('the owner of the sweep is a timer that the signal stops', async () => {
    const store = await openStore({ sweepIntervalMs: 20 });
    await store.put(jpeg(), about);
    nowMs += HOUR_MS;
    await expect.poll(() => readdir(join(dir(), 'sealed'))).toEqual([]);
    owner.abort();
    await expect(store.put(jpeg(), about)).rejects.toMatchObject({ code: 'MEDIA_STORE_CLOSED' });
  });

  test('the budget is kept by erasing the oldest that nobody holds; a picture that cannot fit is refused', async () => {
    const store = await openStore({ maxBytes: 10_000 });
    const refs: string[] = [];
    for (let i = 0; i < 3; i += 1) refs.push((await store.put(jpeg(), { ...about, capturedAtMs: i })).ref);
    const [oldest = '', second = '', third = ''] = refs;
    store.hold(oldest, nowMs + 2 * HOUR_MS);
    const { ref: fourth } = await store.put(jpeg(), about);
    await expect(store.open(second)).resolves.toEqual({ status: 'erased' });
    for (const ref of [oldest, third, fourth])
      await expect(store.open(ref)).resolves.toMatchObject({ status: 'available' });
    for (const ref of [third, fourth]) store.hold(ref, nowMs + HOUR_MS + 1);
    await expect(store.put(jpeg(), about)).rejects.toMatchObject({ code: 'MEDIA_BUDGET_SPENT' });
    await expect(store.put(jpeg(20_000), about)).rejects.toMatchObject({ code: 'MEDIA_BUDGET_SPENT' });
  });
});

describe('what can happen to a disk', () => {
  test('a full one costs the picture, leaves nothing behind, and the next is kept again', async () => {
    const real = await openPictureFiles(join(dir(), 'sealed'));
    let isFull = true;
    const files = {
      ...real,
      async write(ref: string, sealed: Uint8Array) {
        if (!isFull) return real.write(ref, sealed);
        await real.write(ref, sealed.subarray(0, sealed.length / 2));
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
    };
    const store = await openStore({ files });
    await expect(store.put(jpeg(), about)).rejects.toMatchObject({ code: 'MEDIA_DISK_FULL' });
    expect(await readdir(join(dir(), 'sealed'))).toEqual([]);
    isFull = false;
    await expect(store.put(jpeg(), about)).resolves.toHaveProperty('ref');
  });

  test('an altered file does not open, one that vanished is erased', async () => {
    const store = await openStore();
    const { ref } = await store.put(jpeg(), about);
    const { ref: other } = await store.put(jpeg(), about);
    const path = join(dir(), 'sealed', `${ref}.sealed`);
    const sealed = await readFile(path);
    await writeFile(path, await readFile(join(dir(), 'sealed', `${other}.sealed`)));
    await expect(store.open(ref)).rejects.toMatchObject({ code: 'MEDIA_CORRUPT' });
    await writeFile(path, sealed.subarray(0, -1));
    await expect(store.open(ref)).rejects.toMatchObject({ code: 'MEDIA_CORRUPT' });
    await rm(path);
    await expect(store.open(ref)).resolves.toEqual({ status: 'erased' });
  });

  test('what an interrupted run left is removed at the start', async () => {
    await (await openStore()).close();
    await writeFile(join(dir(), 'sealed', 'a.sealed'), 'x');
    await writeFile(join(dir(), 'sealed', 'b.sealed.unfinished'), 'x');
    await openStore();
    expect(await readdir(join(dir(), 'sealed'))).toEqual([]);
  });
});

test('nothing but JPEG is taken', async () => {
  const store = await openStore();
  await expect(store.put(Buffer.from('<svg/>'), about)).rejects.toMatchObject({ code: 'MEDIA_NOT_JPEG' });
});

describe('the key file', () => {
  test('is made with a line in the log, for its owner alone, and refused when others can read it', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    await (await openStore({ log })).close();
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    expect(lines.join()).toContain('made a new key');
    expect(lines.join()).not.toContain((await readFile(keyFile(), 'utf8')).trim());
    await chmod(keyFile(), 0o640);
    await expect(openStore()).rejects.toMatchObject({ code: 'MEDIA_KEY_PERMISSIONS' });
  });

  test('is not replaced when pictures depend on it, neither by a new one nor by another', async () => {
    const store = await openStore();
    const { ref } = await store.put(jpeg(), about);
    await store.close();
    const key = await readFile(keyFile(), 'utf8');
    await rm(keyFile());
    await expect(openStore()).rejects.toMatchObject({ code: 'MEDIA_KEY_MISSING' });
    await writeFile(keyFile(), Buffer.alloc(32, 1).toString('base64'), { mode: 0o600 });
    await expect(openStore()).rejects.toMatchObject({ code: 'MEDIA_KEY_WRONG' });
    await writeFile(keyFile(), 'too short');
    await expect(openStore()).rejects.toMatchObject({ code: 'MEDIA_KEY_INVALID' });
    await writeFile(keyFile(), key);
    await expect((await openStore()).open(ref)).resolves.toMatchObject({ status: 'available' });
  });

  test('does not lie beside what it opens', async () => {
    await expect(openStore({ keyFile: join(dir(), 'sub', 'media.key') })).rejects.toMatchObject({
      code: 'MEDIA_KEY_MISPLACED',
    });
  });
});
