import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchStaticFfmpeg } from '@dipper/ffmpeg/fetch-static';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { probeFfmpeg } from '@dipper/ffmpeg/probe-ffmpeg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dipper-ffmpeg-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function fakeFfmpeg(version: string, codecs: string): string {
  return `#!/bin/sh\ncase "$*" in *-version*) echo "ffmpeg version ${version} Copyright";; *) echo "${codecs}";; esac\n`;
}
const H264 = ' DEV.LS h264                 H.264 / AVC';

async function install(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o755 });
  return path;
}

describe('finding ffmpeg', () => {
  test('what the machine has decodes and encodes H.264', async () => {
    const found = await findFfmpeg({ env: process.env });
    expect(await probeFfmpeg(found.path)).toEqual({ isSuitable: true, version: found.version });
  });

  test('FFMPEG_PATH that leads nowhere is an error, not a reason to take another', async () => {
    const finding = findFfmpeg({ env: { ...process.env, FFMPEG_PATH: join(folder, 'nowhere') }, allowInstall: true });
    await expect(finding).rejects.toMatchObject({
      code: 'FFMPEG_UNSUITABLE',
      message: expect.stringMatching(/not there/),
    });
  });

  test('without one, the error names the command to run', async () => {
    const finding = findFfmpeg({ env: { PATH: folder } });
    await expect(finding).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
      message: expect.stringMatching(/Run: .*install/),
    });
  });

  test.each([
    ['4.4.2-0ubuntu0.22.04.1', H264, /older than 5/],
    ['6.1.1-static', ' D.V.LS h264                 H.264 / AVC', /without decoder or encoder/],
  ])('version %s with %j is not used', async (version, codecs, reason) => {
    const probe = await probeFfmpeg(await install(`fake-${version}`, fakeFfmpeg(version, codecs)));
    expect(probe).toEqual({ isSuitable: false, reason: expect.stringMatching(reason) });
  });

  test.each(['6.1.1-static', 'n7.1', 'N-112345-gabcdef'])('version %s is used', async (version) => {
    const path = await install(`fake-${version}`, fakeFfmpeg(version, H264));
    expect(await probeFfmpeg(path)).toEqual({ isSuitable: true, version });
  });
});

describe("fetching ffmpeg-static's binary", () => {
  const env = (port: number) => ({
    PATH: process.env['PATH'],
    XDG_CACHE_HOME: folder,
    FFMPEG_BINARIES_URL: `http://127.0.0.1:${port}`,
  });

  test('moves the whole file into place and leaves nothing else', async () => {
    await using mirror = await serve((url) => (url.endsWith('.gz') ? gzipSync(fakeFfmpeg('6.1.1', H264)) : 'text'));
    const path = join(await mkdtemp(join(folder, 'static-')), 'ffmpeg');
    await fetchStaticFfmpeg(path, { env: env(mirror.port), onProgress: () => undefined });
    expect(await probeFfmpeg(path)).toEqual({ isSuitable: true, version: '6.1.1' });
    expect(await readdir(dirname(path))).toEqual(['ffmpeg']);
  });

  test('gives up on a mirror that never answers', async () => {
    await using mirror = await serve(() => undefined);
    const path = join(await mkdtemp(join(folder, 'static-')), 'ffmpeg');
    const fetching = fetchStaticFfmpeg(path, { env: env(mirror.port), onProgress: () => undefined, stallMs: 1000 });
    await expect(fetching).rejects.toThrow(/nothing came for/);
    expect(await readdir(dirname(path))).toEqual([]);
  });
});

async function serve(answer: (url: string) => Buffer | string | undefined) {
  const server = createServer((request, response) => {
    const body = answer(request.url ?? '');
    if (body !== undefined) response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
