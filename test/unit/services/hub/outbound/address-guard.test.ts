import { createAddressGuard } from '@dipper/hub/outbound/address-guard';
import { describe, expect, it } from 'vitest';

describe('the guard of addresses', () => {
  const guard = createAddressGuard([]);

  it.each([
    ...[
      '0.0.0.0',
      '10.255.0.1',
      '100.64.0.1',
      '127.0.0.1',
      '169.254.169.254',
      '172.31.9.9',
      '192.168.0.1',
      '198.18.0.1',
    ],
    ...['224.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fd00::1', 'ff02::1', '2001:db8::1', 'fec0::1'],
    // IPv4 in disguise: mapped, compatible, NAT64, 6to4, Teredo.
    ...['::ffff:10.0.0.1', '::ffff:7f00:1', '::10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::1', '2001:0:a00:1::1'],
    ...['localhost', '', '1.2.3', '0x7f.1'],
  ])('refuses %s', (address) => expect(guard.isAllowed(address, 'https:')).toBe(false));

  it.each(['93.184.216.34', '2606:4700::6810:84e5', '::ffff:93.184.216.34'])('allows %s over TLS only', (address) => {
    expect([guard.isAllowed(address, 'https:'), guard.isAllowed(address, 'http:')]).toEqual([true, false]);
  });

  it('allows what was named, and no more', () => {
    const opened = createAddressGuard(['10.8.0.0/16', 'fd00:8::/32', '127.0.0.1']);
    for (const address of ['10.8.3.4', 'fd00:8::1', '127.0.0.1']) expect(opened.isAllowed(address, 'http:')).toBe(true);
    for (const address of ['10.9.0.1', 'fd00:9::1', '127.0.0.2'])
      expect(opened.isAllowed(address, 'https:')).toBe(false);
  });

  it('refuses a name one of whose addresses is inside, and one that has none', async () => {
    const found = (addresses: string[]) =>
      createAddressGuard([], async () => addresses.map((address) => ({ address, family: 4 }))).resolve('x', 'https:');
    await expect(found(['93.184.216.34', '10.0.0.1'])).rejects.toMatchObject({ code: 'WEBHOOK_ADDRESS_REFUSED' });
    await expect(found([])).rejects.toMatchObject({ code: 'WEBHOOK_ADDRESS_REFUSED' });
    await expect(found(['93.184.216.34'])).resolves.toHaveLength(1);
  });
});
