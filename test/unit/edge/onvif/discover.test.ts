import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { printDiscovered } from '@dipper/edge/agent/probe/discover';
import { discoverDevices, discoveredFrom } from '@dipper/edge/onvif/discover';
import { DiscoveryResponder } from '@dipper/simulator/onvif/discovery-responder';
import { expect, onTestFinished, test } from 'vitest';
import { envelope } from '../../../support/hostile-soap-server.ts';

const signal = new AbortController().signal;
// Everything is in this process: what was sent is there long before.
const call = (port: number) =>
  discoverDevices({ interfaceAddress: '127.0.0.1', waitMs: 700, signal, target: { address: '127.0.0.1', port } });

test('devices that answer are listed once, though they are called twice', async () => {
  const scopes = ['onvif://www.onvif.org/name/%E8%A5%BF%E9%97%A8', 'onvif://www.onvif.org/hardware/Street%20Camera'];
  const responder = new DiscoveryResponder([
    { id: 'west', xaddr: 'http://127.0.0.1:8551/onvif/device_service', scopes },
    { id: 'east', xaddr: 'http://192.0.2.8/onvif/device_service', scopes: [] },
  ]);
  const port = await responder.listenAlone();
  onTestFinished(() => responder.close());
  const devices = await call(port);
  expect(devices).toMatchObject([
    {
      urls: ['http://127.0.0.1:8551/onvif/device_service'],
      name: '西门',
      hardware: 'Street Camera',
      isElsewhere: false,
    },
    { urls: ['http://192.0.2.8/onvif/device_service'], name: undefined, isElsewhere: true },
  ]);
  expect(printDiscovered(devices)).toContain('http://127.0.0.1:8551/onvif/device_service  西门, Street Camera\n');
});

test('two devices with one identity do not hide each other', async () => {
  const responder = new DiscoveryResponder([
    { id: 'clone', xaddr: 'http://127.0.0.1:8551/onvif/device_service', scopes: [] },
    { id: 'clone', xaddr: 'http://127.0.0.1:8552/onvif/device_service', scopes: [] },
  ]);
  const port = await responder.listenAlone();
  onTestFinished(() => responder.close());
  const printed = printDiscovered(await call(port));
  expect(printed.match(/:855[12].*another says that it is the same device/g)).toHaveLength(2);
});

test('answers that nobody asked for, and what is no answer, are left out', async () => {
  const match = (address: string) =>
    `<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference><d:XAddrs>${address}</d:XAddrs></d:ProbeMatch></d:ProbeMatches>`;
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const asked = /MessageID>([^<]+)/.exec(message.toString())?.[1];
    for (const answer of [
      envelope(match('http://192.0.2.1/')),
      `${asked} nonsense`,
      envelope(`<!-- ${asked} -->${match('http://192.0.2.1/')}`).slice(0, -20),
      envelope(`<!-- ${asked} -->${match('javascript:alert(1) file:///etc/passwd')}`),
      '',
      envelope(`<!-- ${asked} -->${match('http://127.0.0.1/honest')}`),
    ]) {
      socket.send(answer, port, address);
    }
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  await expect(call(socket.address().port)).resolves.toMatchObject([{ urls: ['http://127.0.0.1/honest'] }]);
});

test('an answer cannot write on a terminal', () => {
  const xml = envelope(
    '<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>' +
      '<d:Scopes>onvif://www.onvif.org/name/%1B[2Jx onvif://www.onvif.org/hardware/%E0%A4%A</d:Scopes><d:XAddrs>http://127.0.0.1/</d:XAddrs></d:ProbeMatch></d:ProbeMatches>',
  );
  const [device] = discoveredFrom(xml, '127.0.0.1');
  expect([device?.name, device?.hardware]).toEqual([' [2Jx', '%E0%A4%A']);
});
