import { generateKeyPairSync } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HubKey } from '@dipper/contract/hub-key';
import { openHubKeys, readHubKeys } from '@dipper/edge/link/hub-keys';
import { expect, test } from 'vitest';
import { createHubSigner } from '../../../support/hub-signer.ts';
import { temporaryFolder } from '../../../support/open-outbox.ts';

const TYPE = 'anything+jws';

function keyFile(content: string): string {
  const path = join(temporaryFolder(), 'hub-key');
  writeFileSync(path, content);
  return path;
}

const hub = createHubSigner();
const successor = createHubSigner();

test.each([
  ['PEM', `${hub.publicPem}${successor.publicPem}`],
  ['a JWK set', JSON.stringify({ keys: [hub.publicJwk, successor.publicJwk] })],
])('two keys in %s: both sign, a third does not', async (_, content) => {
  const keys = await readHubKeys(keyFile(content));
  for (const signer of [hub, successor]) {
    expect(await keys.open(await signer.sign({ a: 1 }, { typ: TYPE }), TYPE)).toEqual({ a: 1 });
  }
  const stranger = createHubSigner().sign({ a: 1 }, { typ: TYPE });
  await expect(keys.open(await stranger, TYPE)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
});

test('one JWK, as the hub writes it', async () => {
  const keys = await readHubKeys(keyFile(JSON.stringify(hub.publicJwk)));
  expect(await keys.open(await hub.sign({ a: 1 }, { typ: TYPE }), TYPE)).toEqual({ a: 1 });
});

const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
test.each([
  ['nothing', ''],
  ['half a JSON', '{"kty":'],
  ['a key of another kind', rsa.export({ format: 'pem', type: 'spki' }).toString()],
])('a file with %s is refused by name', async (_, content) => {
  const path = keyFile(content);
  await expect(readHubKeys(path)).rejects.toMatchObject({
    code: 'HUB_KEY_INVALID',
    message: expect.stringContaining(path),
  });
});

test('a file that is not there is refused by name', async () => {
  await expect(readHubKeys('/nowhere/hub.jwk')).rejects.toMatchObject({ code: 'HUB_KEY_INVALID' });
});

const keyOf = (signer: typeof hub): HubKey => signer.publicJwk as HubKey;

function keyFiles(): { pinned: string; learnt: string } {
  const pinned = keyFile(JSON.stringify(hub.publicJwk));
  return { pinned, learnt: join(pinned, '..', 'data', 'hub-keys.json') };
}

test('a key that was replaced is believed no longer, nor after a restart with the file that pins it', async () => {
  const files = keyFiles();
  const keys = await openHubKeys(files);
  await keys.replaceBy([keyOf(hub), keyOf(successor)]);
  const [old, young] = await Promise.all([hub, successor].map((each) => each.sign({ a: 1 }, { typ: TYPE })));
  expect(await Promise.all([old, young].map((jws) => keys.open(jws ?? '', TYPE)))).toEqual([{ a: 1 }, { a: 1 }]);
  await keys.replaceBy([keyOf(successor)]);
  for (const each of [keys, await openHubKeys(files)]) {
    expect(each.ids()).toHaveLength(1);
    expect(await each.open(young ?? '', TYPE)).toEqual({ a: 1 });
    await expect(each.open(old ?? '', TYPE)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  }
  expect(statSync(files.learnt).mode & 0o777).toBe(0o600);
});

test('keys of which none is believed are refused, and the file of the enrolment counts again once it is another', async () => {
  const files = keyFiles();
  const keys = await openHubKeys(files);
  await expect(keys.replaceBy([keyOf(successor)])).rejects.toMatchObject({ code: 'HUB_KEYS_UNRELATED' });
  await keys.replaceBy([keyOf(hub), keyOf(successor)]);
  const third = createHubSigner();
  writeFileSync(files.pinned, JSON.stringify({ keys: [third.publicJwk] }));
  const enrolled = await openHubKeys(files);
  expect(await enrolled.open(await third.sign({ a: 1 }, { typ: TYPE }), TYPE)).toEqual({ a: 1 });
  expect(enrolled.ids()).toHaveLength(1);
});

test('where what was learnt is damaged, the pinned key is not believed in its place: it may be a retired one', async () => {
  const files = keyFiles();
  await (await openHubKeys(files)).replaceBy([keyOf(hub), keyOf(successor)]);
  writeFileSync(files.learnt, '{"pinnedSha256":');
  await expect(openHubKeys(files)).rejects.toMatchObject({
    code: 'HUB_KEY_INVALID',
    message: expect.stringContaining(files.learnt),
  });
});
