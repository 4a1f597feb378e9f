import { describe, expect, it, vi } from 'vitest';
import { createHubClient } from '../../../../../services/console/api/hub-client.ts';
import { createHubClock } from '../../../../../services/console/api/hub-clock.ts';

function start(answer: () => Promise<Response>) {
  const fetch = vi.fn<typeof globalThis.fetch>(answer);
  const onSignedOut = vi.fn();
  const client = createHubClient({ fetch, clock: createHubClock(Date.now), now: Date.now, onSignedOut });
  return { client, fetch, onSignedOut };
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ type: 'about:blank', title: '', status, code, requestId: 'r-1' }, { status, headers });
}

describe('hub client', () => {
  it('sends the session’s CSRF token with changes, and only with them', async () => {
    const { client, fetch } = start(async () => Response.json({}));
    client.setCsrfToken('secret');
    await client.get('/api/v1/alarms');
    await client.send('POST', '/api/v1/alarms/1/acknowledgements', {});
    const sent = fetch.mock.calls.map(([, init]) => new Headers(init?.headers).get('x-csrf-token'));
    expect(sent).toEqual([null, 'secret']);
  });

  it('passes on the hub’s code, request id, and when to try again', async () => {
    const { client } = start(async () => problem(429, 'TOO_MANY_ATTEMPTS', { 'retry-after': '30' }));
    await expect(client.send('POST', '/api/v1/sessions', {})).rejects.toMatchObject({
      code: 'TOO_MANY_ATTEMPTS',
      status: 429,
      requestId: 'r-1',
      retryAfterSec: 30,
    });
  });

  it('tells the page when the session is gone, but not when a password was wrong', async () => {
    const gone = start(async () => problem(401, 'NOT_SIGNED_IN'));
    await expect(gone.client.get('/x')).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' });
    expect(gone.onSignedOut).toHaveBeenCalledTimes(1);
    const wrong = start(async () => problem(401, 'CREDENTIALS_WRONG'));
    await expect(wrong.client.send('POST', '/x', {})).rejects.toMatchObject({ code: 'CREDENTIALS_WRONG' });
    expect(wrong.onSignedOut).not.toHaveBeenCalled();
  });

  it('names a hub that is out of reach, and an answer that is not the hub’s', async () => {
    const away = start(async () => {
      throw new TypeError('Failed to fetch');
    });
    await expect(away.client.get('/x')).rejects.toMatchObject({ code: 'HUB_UNREACHABLE', status: 0 });
    const proxy = start(async () => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(proxy.client.get('/x')).rejects.toMatchObject({ code: 'ANSWER_UNREADABLE', status: 502 });
    const portal = start(async () => new Response('<h1>Welcome</h1>'));
    await expect(portal.client.get('/x')).rejects.toMatchObject({ code: 'ANSWER_UNREADABLE' });
  });
});
