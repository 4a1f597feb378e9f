import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { access } from '../../../../../services/hub/plugins/access.ts';
import { page } from '../../../../../services/hub/plugins/page.ts';
import { problems } from '../../../../../services/hub/plugins/problems.ts';

let root: string;
let app: FastifyInstance;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'dipper-page-'));
  writeFileSync(join(root, 'secret.txt'), 'secret');
  app = Fastify();
  await app.register(problems);
  await app.register(access, { authenticate: async () => undefined });
  await app.register(page, { dir: join(root, 'dist') });
});
afterEach(async () => {
  await app.close();
  rmSync(root, { recursive: true });
});

function build(): void {
  mkdirSync(join(root, 'dist/assets'), { recursive: true });
  writeFileSync(join(root, 'dist/index.html'), '<p>the page');
  writeFileSync(join(root, 'dist/assets/index-1a2b.js'), 'the script');
  writeFileSync(join(root, 'dist/favicon.svg'), '<svg/>');
  writeFileSync(join(root, 'dist/.env'), 'secret');
}

describe('the page', () => {
  it('says what to do while it is not built, and is there once it is', async () => {
    const before = await app.inject('/');
    expect([before.statusCode, before.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(before.body).toContain('npm run build:console');
    build();
    expect((await app.inject('/')).body).toBe('<p>the page');
  });

  it('answers every path of its own with its start page, which is asked for anew each time', async () => {
    build();
    for (const path of ['/', '/cases/6f1c54a5', '/duty?alarm=1', '/no-such-file.js']) {
      const answer = await app.inject(path);
      expect([answer.statusCode, answer.body], path).toEqual([200, '<p>the page']);
      expect(answer.headers['cache-control'], path).toBe('no-cache');
    }
    expect((await app.inject('/favicon.svg')).body).toBe('<svg/>');
  });

  it('answers the same for what lies outside of it and what does not exist', async () => {
    build();
    for (const path of ['/..%2fsecret.txt', '/..%2fno-such-secret.txt']) {
      const answer = await app.inject(path);
      expect([answer.statusCode, answer.body], path).toEqual([200, '<p>the page']);
    }
  });

  it('lets browsers keep what is named by its content, and says when that is gone', async () => {
    build();
    const script = await app.inject('/assets/index-1a2b.js');
    expect([script.body, script.headers['cache-control']]).toEqual([
      'the script',
      'public, max-age=31536000, immutable',
    ]);
    expect((await app.inject('/assets/index-old.js')).statusCode).toBe(404);
  });

  it('is no answer to a program, and gives away nothing beside itself', async () => {
    build();
    for (const path of ['/api', '/api/v1/nothing', '/edge/v2/uplink']) {
      const answer = await app.inject({ url: path, headers: { accept: 'text/html' } });
      expect(answer.statusCode, path).toBe(404);
      expect(answer.json(), path).toMatchObject({ code: 'NOT_FOUND' });
    }
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/.env',
      '//secret.txt',
      '/%00.js',
      '/a%00.js',
    ]) {
      const answer = await app.inject(path);
      expect(answer.body, path).not.toContain('secret');
      expect(answer.statusCode, path).toBeLessThan(500);
    }
  });
});
