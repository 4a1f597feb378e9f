import { randomBytes } from 'node:crypto';
import { passwordDigest } from '@dipper/simulator/onvif/username-token';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STREET_CREDENTIALS, startStreet } from '../support/street.ts';

const { username, password } = STREET_CREDENTIALS;
const RELAY = '<RelayOutputToken>relay-open</RelayOutputToken><LogicalState>active</LogicalState>';

let street: Awaited<ReturnType<typeof startStreet>>;

// A barrier alone: nothing is rendered.
beforeAll(async () => {
  const barrier = { id: 'barrier', kind: 'barrier', httpPort: 0, ...STREET_CREDENTIALS } as const;
  street = await startStreet({ devices: [{ ...barrier, travelMs: 100, holdOpenMs: 200, relayPulseMs: 100 }] });
});
afterAll(() => street.close());

const deviceService = () => street.addresses['onvif:barrier'] ?? '';
const service = (name: string) => deviceService().replace('device_service', name);
const contact = () => street.estate.state.devices[0]?.barrier?.contact;

function token(clockOffsetMs = 0): string {
  const created = new Date(Date.now() + clockOffsetMs).toISOString();
  const nonce = randomBytes(16).toString('base64');
  return `<Security><UsernameToken><Username>${username}</Username><Password>${passwordDigest(nonce, created, password)}</Password><Nonce>${nonce}</Nonce><Created>${created}</Created></UsernameToken></Security>`;
}

async function soap(address: string, body: string, security = token()) {
  const envelope = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>${security}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
  const response = await fetch(address, { method: 'POST', body: envelope });
  return { status: response.status, challenge: response.headers.get('www-authenticate'), xml: await response.text() };
}

test('the time is told to anybody, the rest to who has the password', async () => {
  expect((await soap(deviceService(), '<GetSystemDateAndTime/>', '')).xml).toContain(
    `<tt:Year>${new Date().getUTCFullYear()}<`,
  );
  const stranger = await soap(deviceService(), '<GetDeviceInformation/>', '');
  expect(stranger).toMatchObject({ status: 401, challenge: expect.stringContaining('qop="auth"') });
  expect((await soap(deviceService(), '<GetDeviceInformation/>')).xml).toContain('<tds:FirmwareVersion>1.10<');
});

test('a security token is used once, and near the device clock only', async () => {
  const once = token();
  expect((await soap(deviceService(), '<GetScopes/>', once)).status).toBe(200);
  const again = await soap(deviceService(), '<GetScopes/>', once);
  expect(again).toMatchObject({ status: 400, xml: expect.stringContaining('ter:NotAuthorized') });
  await street.estate.setFault('barrier', 'clock-offset', { seconds: 3_600 });
  expect((await soap(deviceService(), '<GetScopes/>')).status).toBe(400);
  expect((await soap(deviceService(), '<GetScopes/>', token(3_600_000))).status).toBe(200);
  await street.estate.clearFault('barrier', 'clock-offset');
});

test('the Device service says yes and moves nothing; DeviceIO opens the barrier, and events tell it', async () => {
  const created = await soap(service('event_service'), '<CreatePullPointSubscription/>');
  const pullPoint = /<wsa:Address>([^<]+)</.exec(created.xml)?.[1] ?? '';
  const pull = async () => {
    const { xml } = await soap(
      pullPoint,
      '<PullMessages><Timeout>PT2S</Timeout><MessageLimit>10</MessageLimit></PullMessages>',
    );
    return [...xml.matchAll(/PropertyOperation="(\w+)".*?Name="(\w+)Token".*?Name="LogicalState" Value="(\w+)"/g)].map(
      (match) => match.slice(1).join(' '),
    );
  };
  expect(await pull()).toEqual(['Initialized Relay inactive', 'Initialized Input false']);
  expect((await soap(deviceService(), `<SetRelayOutputState>${RELAY}</SetRelayOutputState>`)).status).toBe(200);
  expect(contact()).toBe('closed');
  expect((await soap(service('deviceio_service'), `<SetRelayOutputState>${RELAY}</SetRelayOutputState>`)).status).toBe(
    200,
  );
  expect(contact()).toBe('open');
  const seen: string[] = [];
  while (seen.length < 4) seen.push(...(await pull()));
  expect(seen).toEqual(['Changed Input true', 'Changed Relay active', 'Changed Relay inactive', 'Changed Input false']);
  street.estate.force('barrier');
  expect(await pull()).toEqual(['Changed Input true']);
  street.estate.closeBarrier('barrier');
  expect((await soap(pullPoint, '<Unsubscribe/>')).status).toBe(200);
  expect((await soap(pullPoint, '<PullMessages/>')).xml).toContain('ResourceUnknown');
});

test('answers faults for what it does not know', async () => {
  expect(await soap(deviceService(), '<Teleport/>')).toMatchObject({
    status: 500,
    xml: expect.stringContaining('ter:ActionNotSupported'),
  });
  expect((await soap(deviceService(), '<Teleport>')).xml).toContain('ter:WellFormed');
  const relay = await soap(
    service('deviceio_service'),
    '<SetRelayOutputState><RelayOutputToken>x</RelayOutputToken></SetRelayOutputState>',
  );
  expect(relay).toMatchObject({ status: 400, xml: expect.stringContaining('ter:RelayToken') });
});

test('slow, it answers late and drips', async () => {
  await street.estate.setFault('barrier', 'slow', { delayMs: 200, bytesPerSec: 2_000 });
  const startedAt = performance.now();
  await soap(deviceService(), '<GetScopes/>');
  await street.estate.clearFault('barrier', 'slow');
  // More than 1.2 kB at 2 kB a second, after 0.2 s.
  expect(performance.now() - startedAt).toBeGreaterThan(600);
});

test('with the password changed, what worked is refused', async () => {
  await street.estate.setFault('barrier', 'wrong-password');
  expect((await soap(deviceService(), '<GetScopes/>')).status).toBe(400);
  await street.estate.clearFault('barrier', 'wrong-password');
  expect((await soap(deviceService(), '<GetScopes/>')).status).toBe(200);
});
