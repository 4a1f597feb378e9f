import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createTemplateCipher } from '@dipper/edge/agent/template-store/template-cipher';
import { openTemplateStore } from '@dipper/edge/agent/template-store/template-store';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const [ZHAO, QIAN] = ['0b6c3b5e-0000-4000-8000-00000000000a', '0b6c3b5e-0000-4000-8000-00000000000b'] as const;
const [CONSENT, OTHER_CONSENT] = [
  'c0000000-0000-4000-8000-000000000001',
  'c0000000-0000-4000-8000-000000000002',
] as const;
const NOW_MS = Date.parse('2026-03-01T08:00:00Z');
const LATER = '2027-03-01T08:00:00Z';
const ASSESSMENT = { id: 'a0000000-0000-4000-8000-000000000001', validUntil: LATER };
const template = (first: number) => Float32Array.from({ length: 512 }, (_, index) => (index === 0 ? first : 0.01));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dipper-templates-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const logged: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
const keyFile = () => join(dir, 'face.key');
const open = (model = 'model-1') =>
  openTemplateStore({ path: join(dir, 'face-templates.sqlite'), keyFile: keyFile(), model, log });
const zhao = (accessPoints = ['south', 'north']) => ({
  ...{ holder: ZHAO, consent: CONSENT, accessPoints, templates: [template(1), template(2)], enrolledAtMs: NOW_MS },
});
const entry = (holder: string, consent: string = CONSENT, accessPoints = ['south'], validUntil = LATER) => ({
  ...{ holder, consent, accessPoints, validUntil },
});

describe('whom an access point compares with', () => {
  test('is who is enrolled for it by template and policy, and nobody else', async () => {
    const store = await open();
    store.put(zhao());
    store.put({ ...zhao(), holder: QIAN, accessPoints: ['north'] });
    const faces = { assessment: ASSESSMENT, enrolled: [entry(ZHAO), entry(QIAN)] };
    expect(store.enrolledAt('south', faces, NOW_MS)).toMatchObject([{ holder: ZHAO }]);
    expect(store.enrolledAt('south', faces, NOW_MS)[0]?.templates[1]).toEqual(template(2));
    // The policy names the south gate only.
    expect(store.enrolledAt('north', faces, NOW_MS)).toEqual([]);
    store.close();
  });

  test('is nobody without a policy, a valid assessment, that very consent, or after its time', async () => {
    const store = await open();
    store.put(zhao());
    const enrolled = [entry(ZHAO)];
    expect(store.enrolledAt('south', undefined, NOW_MS)).toEqual([]);
    expect(store.enrolledAt('south', { enrolled }, NOW_MS)).toEqual([]);
    const over = { ...ASSESSMENT, validUntil: '2026-02-01T00:00:00Z' };
    expect(store.enrolledAt('south', { assessment: over, enrolled }, NOW_MS)).toEqual([]);
    const renewed = { assessment: ASSESSMENT, enrolled: [entry(ZHAO, OTHER_CONSENT)] };
    expect(store.enrolledAt('south', renewed, NOW_MS)).toEqual([]);
    expect(store.enrolledAt('south', { assessment: ASSESSMENT, enrolled }, Date.parse(LATER))).toEqual([]);
    store.close();
  });
});

describe('a template goes', () => {
  test('when a policy does not name it, and is not there after the next start either', async () => {
    const store = await open();
    store.put(zhao());
    store.put({ ...zhao(), holder: QIAN });
    expect(store.keepOnly({ assessment: ASSESSMENT, enrolled: [entry(QIAN)] }, NOW_MS)).toEqual([
      { holder: ZHAO, consent: CONSENT, reason: 'not-in-policy' },
    ]);
    store.close();
    const again = await open();
    expect(again.count).toBe(1);
    again.close();
  });

  test('when its consent is over, or a policy names nobody at all', async () => {
    const store = await open();
    store.put(zhao());
    store.put({ ...zhao(), holder: QIAN });
    const faces = { enrolled: [entry(ZHAO, CONSENT, ['south'], '2026-02-01T00:00:00Z'), entry(QIAN)] };
    expect(store.keepOnly(faces, NOW_MS)).toEqual([{ holder: ZHAO, consent: CONSENT, reason: 'consent-expired' }]);
    expect(store.keepOnly(undefined, NOW_MS)).toMatchObject([{ holder: QIAN }]);
    expect(store.erase({ holder: ZHAO, consent: CONSENT }, 'withdrawn')).toBeUndefined();
    store.close();
  });

  test('without leaving its sealed bytes in the file or its log', async () => {
    const store = await open();
    store.put(zhao());
    const path = join(dir, 'face-templates.sqlite');
    const db = new DatabaseSync(path, { readOnly: true });
    const { sealed } = db.prepare('select sealed from template').get() as { sealed: Uint8Array };
    db.close();
    const needle = Buffer.from(sealed).subarray(100, 164);
    const isThere = () => readdirSync(dir).some((name) => readFileSync(join(dir, name)).includes(needle));
    expect(isThere()).toBe(true);
    store.erase({ holder: ZHAO, consent: CONSENT }, 'withdrawn');
    expect(isThere()).toBe(false);
    store.close();
  });

  test('when another model made it: the two do not compare', async () => {
    const store = await open();
    store.put(zhao());
    store.close();
    const next = await open('model-2');
    expect(next.count).toBe(0);
    expect(next.erasedAtOpening).toEqual([{ holder: ZHAO, consent: CONSENT, reason: 'model-changed' }]);
    next.close();
  });
});

describe('the key', () => {
  test('is made once, mode 0600, and templates never stand open in a file or in the log', async () => {
    const store = await open();
    store.put(zhao());
    store.close();
    expect(existsSync(keyFile())).toBe(true);
    const plain = Buffer.from(template(1).buffer).subarray(8, 40);
    for (const name of readdirSync(dir)) expect(readFileSync(join(dir, name)).includes(plain)).toBe(false);
    expect(logged.join('')).not.toContain('0.01');
  });

  test('can be rotated: a new first line seals everything anew, and the old line can go', async () => {
    const store = await open();
    store.put(zhao());
    store.close();
    const old = readFileSync(keyFile(), 'utf8');
    writeFileSync(keyFile(), `${Buffer.alloc(32, 7).toString('base64')}\n${old}`, { mode: 0o600 });
    (await open()).close();
    writeFileSync(keyFile(), `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
    const rotated = await open();
    expect(rotated.count).toBe(1);
    rotated.close();
  });

  test('that is gone, open to others or no key is an error; another one erases what it cannot open', async () => {
    const store = await open();
    store.put(zhao());
    store.close();
    const right = readFileSync(keyFile(), 'utf8');
    rmSync(keyFile());
    await expect(open()).rejects.toMatchObject({ code: 'TEMPLATE_KEY_MISSING' });
    writeFileSync(keyFile(), 'no key\n', { mode: 0o600 });
    await expect(open()).rejects.toMatchObject({ code: 'TEMPLATE_KEY_INVALID' });
    writeFileSync(keyFile(), right);
    chmodSync(keyFile(), 0o644);
    await expect(open()).rejects.toMatchObject({ code: 'TEMPLATE_KEY_PERMISSIONS' });
    chmodSync(keyFile(), 0o600);
    writeFileSync(keyFile(), `${Buffer.alloc(32, 9).toString('base64')}\n`);
    const foreign = await open();
    expect(foreign.erasedAtOpening).toMatchObject([{ holder: ZHAO, reason: 'unreadable' }]);
    foreign.close();
  });

  test('seals a template to its holder, consent and access points', () => {
    const cipher = createTemplateCipher(Buffer.alloc(32, 1));
    const identity = { holder: ZHAO, consent: CONSENT, model: 'm', accessPoints: ['south'] };
    const sealed = cipher.seal([template(1)], identity);
    expect(cipher.open(sealed, identity)).toEqual([template(1)]);
    for (const other of [{ holder: QIAN }, { consent: OTHER_CONSENT }, { accessPoints: ['north'] }]) {
      expect(() => cipher.open(sealed, { ...identity, ...other })).toThrow();
    }
  });
});
