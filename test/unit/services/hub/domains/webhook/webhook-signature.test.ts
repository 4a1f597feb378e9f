import {
  createWebhookSecret,
  signatureHeaders,
  signedDingTalkUrl,
} from '@dipper/hub/domains/webhook/webhook-signature';
import { describe, expect, it } from 'vitest';

describe('the signature of a webhook', () => {
  it('is that of the example in the libraries of Standard Webhooks', () => {
    // test_webhooks of the reference libraries, standard-webhooks/standard-webhooks.
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      at: new Date(1_614_265_330_000),
      body: '{"test": 2432232314}',
    };
    expect(signatureHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('comes once per secret, the present one first', () => {
    const secrets = [createWebhookSecret(), createWebhookSecret()];
    const signed = signatureHeaders({ id: 'x', at: new Date(0), body: '{}' }, secrets)['webhook-signature'] ?? '';
    expect(signed).toMatch(/^v1,\S{44} v1,\S{44}$/);
    expect(
      signed.startsWith(
        signatureHeaders({ id: 'x', at: new Date(0), body: '{}' }, secrets.slice(0, 1))['webhook-signature'] ?? '?',
      ),
    ).toBe(true);
    expect(Buffer.from(secrets[0]?.slice(6) ?? '', 'base64')).toHaveLength(32);
  });
});

describe('the address of a DingTalk robot', () => {
  it('carries time and signature as its documentation computes them', () => {
    // `printf '1700000000000\nSECx' | openssl dgst -sha256 -hmac SECx -binary | base64`
    const url = signedDingTalkUrl(
      new URL('https://oapi.dingtalk.com/robot/send?access_token=t'),
      'SECx',
      new Date(1_700_000_000_000),
    );
    expect(url.searchParams.get('timestamp')).toBe('1700000000000');
    expect(url.searchParams.get('sign')).toBe('rgcjbH+yFyES+S0llX+cAPCwVRpsr7sbiX5Lnyo/ocU=');
    expect(url.searchParams.get('access_token')).toBe('t');
  });
});
