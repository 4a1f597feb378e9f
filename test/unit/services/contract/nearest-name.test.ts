import { nearestName, suggestName } from '@dipper/contract/nearest-name';
import { expect, it } from 'vitest';

it.each([
  ['protocolVesion', 'protocolVersion'],
  ['PROTOCOLVERSION', 'protocolVersion'],
  ['ur', 'url'],
  ['ulr', 'url'],
  ['dataDri', 'dataDir'],
  ['colour', undefined],
])('%s means %s', (name, meant) => {
  expect(nearestName(name, ['url', 'dataDir', 'protocolVersion'])).toBe(meant);
});

it('counts two letters that changed places as one slip', () => {
  // Exchanged one by one, two letters lie between `teh` and either; the first would be taken.
  expect(nearestName('teh', ['xxh', 'the'])).toBe('the');
});

it('lists what is known when nothing comes near', () => {
  expect(suggestName('dataDri', ['dataDir', 'url'])).toBe("did you mean 'dataDir'?");
  expect(suggestName('colour', ['dataDir', 'url'])).toBe('known: dataDir, url');
  expect(suggestName('colour', [])).toBe('known: ');
});
