import { serviceAddress, streamAddress } from '@dipper/edge/onvif/address';
import { expect, test } from 'vitest';

const policy = { configured: new URL('http://192.0.2.7:8000/onvif/device_service'), allowedHosts: ['198.51.100.4'] };

test('a service on the configured host keeps its own port and path', () => {
  expect(serviceAddress('http://192.0.2.7:8001/onvif/media?x=1', policy).href).toBe(
    'http://192.0.2.7:8001/onvif/media?x=1',
  );
});

test('a service elsewhere is brought back, unless its host is allowed', () => {
  expect(serviceAddress('http://10.0.0.9/onvif/media', policy).href).toBe('http://192.0.2.7:8000/onvif/media');
  expect(serviceAddress('http://198.51.100.4/onvif/media', policy).href).toBe('http://198.51.100.4/onvif/media');
});

test('a stream elsewhere is brought back with its port, and credentials in it are dropped', () => {
  expect(streamAddress('rtsp://root:secret@10.0.0.9:8554/live?p=1', policy)).toBe('rtsp://192.0.2.7:8554/live?p=1');
});

test.each(['file:///etc/passwd', 'javascript:alert(1)', 'rtsp', ''])('%j is no address', (address) => {
  expect(() => serviceAddress(address, policy)).toThrow(expect.objectContaining({ code: 'ONVIF_REPLY_INVALID' }));
  expect(() => streamAddress(address, policy)).toThrow(expect.objectContaining({ code: 'ONVIF_REPLY_INVALID' }));
});
