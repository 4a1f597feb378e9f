import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBrokerPasswords } from '@dipper/hub/doctor/check-files';
import { checkAddress, checkNode } from '@dipper/hub/doctor/check-machine';
import { certificateFinding } from '@dipper/hub/doctor/check-tls';
import { FINDING_TEXTS } from '@dipper/hub/doctor/finding-texts';
import { languageOf, reportOf } from '@dipper/hub/doctor/report';
import { describe, expect, it } from 'vitest';

describe('the doctor', () => {
  it('knows a Node that is too old', () => {
    expect(checkNode('v24.1.0')).toMatchObject({ state: 'ok' });
    expect(checkNode('v20.19.0')).toMatchObject({ state: 'wrong', code: 'NODE_TOO_OLD' });
  });

  it('counts the days of a certificate', () => {
    const now = () => Date.UTC(2026, 10, 24);
    const of = (validTo: string) => certificateFinding('x', validTo, now);
    expect(of('Nov 24 12:00:00 2027 GMT')).toMatchObject({ state: 'ok', values: { days: 365 } });
    expect(of('Dec 14 12:00:00 2026 GMT')).toMatchObject({
      state: 'warning',
      code: 'CERTIFICATE_ENDING',
      values: { days: 20 },
    });
    expect(of('Nov 22 00:00:00 2026 GMT')).toMatchObject({
      state: 'wrong',
      code: 'CERTIFICATE_ENDED',
      values: { days: 2 },
    });
    expect(of('')).toMatchObject({ state: 'unknown' });
  });

  it('asks for an address, for TLS and for the proxy where people come from elsewhere', async () => {
    const codes = async (host: string, publicUrl?: string, trustedProxies = ['loopback']) =>
      (await checkAddress({ host, publicUrl, trustedProxies })).map(({ code }) => code);
    expect(await codes('127.0.0.1')).toEqual([]);
    expect(await codes('0.0.0.0')).toEqual(['PUBLIC_URL_MISSING']);
    expect(await codes('127.0.0.1', 'http://127.0.0.1:8080')).toEqual(['PUBLIC_URL_OK']);
    expect(await codes('0.0.0.0', 'http://dipper.example.cn')).toEqual(['PUBLIC_URL_PLAIN']);
    // Nothing listens there: the certificate cannot be looked at, which is no fault of the deployment.
    const tls = 'https://127.0.0.1:1';
    expect(await codes('0.0.0.0', tls)).toEqual(['PUBLIC_URL_OK', 'PROXIES_UNKNOWN', 'CERTIFICATE_UNSEEN']);
    expect(await codes('0.0.0.0', tls, ['172.30.7.1'])).toEqual(['PUBLIC_URL_OK', 'CERTIFICATE_UNSEEN']);
  });

  it('sees whether agents can enrol', () => {
    const codes = (brokerPasswordsFile: string | undefined) =>
      checkBrokerPasswords({ brokerPasswordsFile }).map(({ state, code }) => [state, code]);
    expect(codes(undefined)).toEqual([]);
    expect(codes(join(tmpdir(), 'there-is-none-yet'))).toEqual([['ok', 'PASSWORDS_OK']]);
    expect(codes('/nowhere/passwords')).toEqual([['wrong', 'PASSWORDS_READ_ONLY']]);
  });

  it('speaks the language of whoever asks, and says the same in both', () => {
    expect([languageOf({ LANG: 'zh_CN.UTF-8' }), languageOf({ LANG: 'zh_CN', LC_ALL: 'C' }), languageOf({})]).toEqual([
      'zh',
      'en',
      'en',
    ]);
    const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    for (const [code, { en, zh }] of Object.entries(FINDING_TEXTS)) {
      expect(placeholders(zh.what), code).toEqual(placeholders(en.what));
      expect(placeholders(zh.mend), code).toEqual(placeholders(en.mend));
    }
    const report = reportOf([{ state: 'warning', code: 'KEY_OPEN', values: { file: 'a.jwk', mode: '644' } }], 'zh');
    expect(report).toBe('! 密钥 a.jwk 可被他人读取（权限 644）\n    → chmod 600 a.jwk\n\n0 项错误，1 项需关注。');
  });
});
