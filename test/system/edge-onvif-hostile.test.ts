import { performance } from 'node:perf_hooks';
import { createOnvifDevice, type OnvifDevice } from '@dipper/edge/onvif/device';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Answer,
  challengeForever,
  craftedNamespaces,
  craftedNesting,
  dripped,
  endless,
  envelope,
  fault,
  type HostileSoapServer,
  htmlErrorPage,
  profile,
  profiles,
  redirect,
  reply,
  services,
  silent,
  startHostileSoapServer,
  systemDateAndTime,
  truncated,
} from '../support/hostile-soap-server.ts';
import { threadTimeMs } from '../support/thread-time.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of cleanup.splice(0).toReversed()) await close();
});

async function setUp(
  answers: Record<string, Answer> = {},
  options: Partial<Parameters<typeof createOnvifDevice>[0]> = {},
): Promise<{ server: HostileSoapServer; device: OnvifDevice }> {
  const server = await startHostileSoapServer(answers);
  const device = createOnvifDevice({
    url: server.url,
    username: 'u',
    password: 'p%40:/?#',
    timeoutMs: 5000,
    ...options,
  });
  cleanup.push(server.close, device.close);
  return { server, device };
}

describe('a plain camera', () => {
  test('strings stay strings', async () => {
    const { device } = await setUp();
    await expect(device.information()).resolves.toMatchObject({ firmware: '1.10', serialNumber: '0042' });
  });

  test('a token that looks like a number, and one that looks like a word of JavaScript, come back as they were', async () => {
    const { device } = await setUp({
      GetProfiles: reply(profiles(profile('1.10', 'lens', 1920, 1080), profile('true', 'lens', 640, 360))),
    });
    expect((await device.profiles()).map(({ token }) => token)).toEqual(['1.10', 'true']);
  });

  test('credentials are never in an address, and a token with markup does not break out of its element', async () => {
    const { server, device } = await setUp();
    await device.streamUri('a<b>&"c"');
    expect(server.requests.at(-1)?.body).toContain('<ProfileToken>a&lt;b&gt;&amp;&quot;c&quot;</ProfileToken>');
    expect(server.requests.every(({ path }) => !path.includes('p%40'))).toBe(true);
  });

  test('a single service, which the package trips over, is an answer and not a silence', async () => {
    const { device } = await setUp({
      GetServices: reply(
        envelope(
          '<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace></tds:Service></tds:GetServicesResponse>',
        ),
      ),
    });
    await expect(device.profiles()).rejects.toMatchObject({ code: 'ONVIF_REPLY_INVALID' });
  });
});

describe('replies that are no replies', () => {
  const whole = profiles(profile('main', 'lens', 1920, 1080));
  const cases: [string, Answer, string][] = [
    ['cut short', truncated(whole), 'ONVIF_REPLY_INVALID'],
    ['an HTML error page', htmlErrorPage, 'ONVIF_REPLY_INVALID'],
    ['an envelope of another namespace', reply(envelope('', 'urn:example:soap')), 'ONVIF_REPLY_INVALID'],
    ['a redirect to another host', redirect('http://192.0.2.1/onvif/media'), 'ONVIF_REDIRECTED'],
    ['challenges without end', challengeForever, 'ONVIF_REFUSED'],
    ['a refusal as SOAP fault', reply(fault('NotAuthorized', 'Sender not authorized'), 400), 'ONVIF_REFUSED'],
    ['spaces without end', endless, 'ONVIF_REPLY_TOO_LARGE'],
    ['nesting no parser can follow', reply(craftedNesting(360_000)), 'ONVIF_REPLY_INVALID'],
    ['an empty body', reply(envelope('')), 'ONVIF_REPLY_INVALID'],
    [
      'the same profile twice',
      reply(profiles(profile('a', 'lens', 1, 1), profile('a', 'lens', 2, 2))),
      'ONVIF_PROFILES_INCONSISTENT',
    ],
    [
      'a profile of a lens that is not there',
      reply(profiles(profile('a', 'other', 9, 9))),
      'ONVIF_PROFILES_INCONSISTENT',
    ],
    ['a profile without size', reply(profiles(profile('a', 'lens', 0, 0))), 'ONVIF_PROFILES_INCONSISTENT'],
  ];

  test.each(cases)('%s', async (_name, answer, code) => {
    const { device } = await setUp({ GetProfiles: answer });
    await expect(device.profiles()).rejects.toMatchObject({ code });
  });

  test.each([
    ['dripped', dripped(whole)],
    ['silent', silent],
  ] as const)('%s: the deadline ends it, and the next call works', async (_name, answer) => {
    const { server, device } = await setUp({ GetProfiles: answer }, { timeoutMs: 800 });
    const startedAtMs = performance.now();
    await expect(device.profiles()).rejects.toMatchObject({ code: 'ONVIF_TIMEOUT' });
    expect(performance.now() - startedAtMs).toBeLessThan(2500);
    server.answer('GetProfiles', reply(whole));
    await expect(device.profiles()).resolves.toHaveLength(1);
  });

  test('360 KB that keep the parser busy for longer than anybody waits block no other work', async () => {
    const { device } = await setUp({ GetProfiles: reply(craftedNamespaces(360_000)) }, { timeoutMs: 800 });
    const workedMs = await threadTimeMs(() =>
      expect(device.profiles()).rejects.toMatchObject({ code: 'ONVIF_TIMEOUT' }),
    );
    expect(workedMs).toBeLessThan(400);
  });

  test('a reply without end is cut off at the cap, not stored', async () => {
    const { server, device } = await setUp({ GetProfiles: endless }, { maxReplyBytes: 256 * 1024 });
    const before = process.memoryUsage().rss;
    await expect(device.profiles()).rejects.toMatchObject({ code: 'ONVIF_REPLY_TOO_LARGE' });
    await expect.poll(() => server.sentBytes).toBeGreaterThan(0);
    // What the kernel's buffers hold on both sides comes on top of the cap.
    expect(server.sentBytes).toBeLessThan(12 * 1024 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(120 * 1024 * 1024);
  });
});

describe('clock and credentials', () => {
  test('the token is dated by the clock of the device, measured without credentials, and again at each question', async () => {
    let skewMs = 3_600_000;
    const { server, device } = await setUp({
      GetSystemDateAndTime: ({ response }) => void response.end(systemDateAndTime(Date.now() + skewMs)),
    });
    const first = await device.clockOffset();
    expect(Math.abs(first.offsetMs - skewMs)).toBeLessThanOrEqual(first.uncertaintyMs);
    await device.information();
    const request = server.requests.at(-1)?.body ?? '';
    const created = Date.parse(/<Created[^>]*>([^<]+)/.exec(request)?.[1] ?? '');
    expect(Math.abs(created - Date.now() - skewMs)).toBeLessThan(2000);
    expect(
      server.requests
        .filter(({ name }) => name === 'GetSystemDateAndTime')
        .every(({ body }) => !body.includes('UsernameToken')),
    ).toBe(true);
    skewMs = -600_000;
    expect(Math.abs((await device.clockOffset()).offsetMs - skewMs)).toBeLessThan(2000);
  });

  test('a refusal after the clock was set has it measured again', async () => {
    let skewMs = 0;
    const { device } = await setUp({
      GetSystemDateAndTime: ({ response }) => void response.end(systemDateAndTime(Date.now() + skewMs)),
      GetDeviceInformation: (exchange) => {
        const created = Date.parse(/<Created[^>]*>([^<]+)/.exec(exchange.request.body)?.[1] ?? '');
        const isInTime = Math.abs(created - Date.now() - skewMs) < 5000;
        const xml =
          '<tds:GetDeviceInformationResponse><tds:Model>strict</tds:Model></tds:GetDeviceInformationResponse>';
        (isInTime ? reply(envelope(xml)) : reply(fault('NotAuthorized', 'expired'), 400))(exchange);
      },
    });
    await expect(device.information()).resolves.toMatchObject({ model: 'strict' });
    skewMs = 3_600_000;
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expect(device.information()).resolves.toMatchObject({ model: 'strict' });
  });

  test('a nonce is never sent twice, also when a digest challenge has the request repeated', async () => {
    const { server, device } = await setUp({
      GetDeviceInformation: (exchange) =>
        exchange.request.authorization === undefined
          ? challengeForever(exchange)
          : reply(envelope('<tds:GetDeviceInformationResponse/>'))(exchange),
    });
    await device.information();
    const nonces = server.requests.flatMap(({ body }) => /<Nonce[^>]*>([^<]+)/.exec(body)?.[1] ?? []);
    expect(nonces).toHaveLength(2);
    expect(new Set(nonces).size).toBe(2);
    expect(server.requests.at(-1)?.authorization).toMatch(/^Digest username="u",realm="camera"/);
  });
});

describe('addresses in replies', () => {
  test('a media service said to be elsewhere is asked for at the configured host', async () => {
    const { server, device } = await setUp({ GetServices: reply(services('http://192.0.2.99')) });
    await expect(device.profiles()).resolves.toHaveLength(2);
    expect(server.requests.at(-1)?.path).toBe('/onvif/media');
  });

  test('nobody there', async () => {
    const { server, device } = await setUp();
    await server.close();
    await expect(device.information()).rejects.toMatchObject({ code: 'ONVIF_UNREACHABLE' });
  });
});

test('an abort ends the call at once, and closing ends everything', async () => {
  const { device } = await setUp({ GetProfiles: silent });
  const controller = new AbortController();
  const call = device.profiles({ signal: controller.signal });
  setTimeout(() => controller.abort(), 100);
  await expect(call).rejects.toMatchObject({ code: 'ONVIF_ABORTED' });
  await device.close();
  await expect(device.information()).rejects.toMatchObject({ code: 'ONVIF_ABORTED' });
});
